"""The clerk between the two books: prepare, open_votes, close_votes, count, audit."""
