"""URLs of the list of accounts: search, invite, reset, disable, sign out; and the own second factor."""

from __future__ import annotations

from flask import Blueprint


def register(pages: Blueprint) -> None:
    """Add the pages of the administration."""
