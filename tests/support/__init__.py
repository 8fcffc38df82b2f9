"""Fixtures that bring the real things: both kinds of database, the server, the browser, a shut network."""
