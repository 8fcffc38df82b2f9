"""The public page of a home: the five 亮, result, order, progress."""
