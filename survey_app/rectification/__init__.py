"""Orders from issue to closure."""
