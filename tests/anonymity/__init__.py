"""Attacks on anonymity, each beside a naive design that the same attack must break."""
