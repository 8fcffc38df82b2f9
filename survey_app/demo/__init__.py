"""The demo: a district that tells the whole story, made through the real operations only."""
