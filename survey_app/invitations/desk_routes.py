"""URLs of the desks that hold codes in their hands: slip sheets and the replacement desk."""

from __future__ import annotations

from flask import Blueprint


def add_rules(pages: Blueprint) -> None:
    """Attach the desk's pages to the feature's blueprint."""
