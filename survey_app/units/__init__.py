"""The tree of unions with two superiors, and who stands in whose scope."""
