"""Who did what, when: a hash-chained record."""
