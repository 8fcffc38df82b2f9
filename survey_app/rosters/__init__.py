"""Eligible members of a home: import, confirmation by the superior, freezing."""
