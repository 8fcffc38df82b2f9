"""Where the present post may not go, another of the same person may: which ones to offer."""

from __future__ import annotations

from flask import current_app, g, request

from survey_app.web.access import access_of
from survey_app.web.desk import PostLink


def other_posts() -> list[PostLink]:
    """The posts of this person beside the one that is active."""
    return [post for post in g.get("posts", []) if not post.current]


def posts_that_may(permission: str | None = None) -> list[PostLink]:
    """The other posts that carry `permission`, or what this address asks for, and are of its round.

    Only what the person's own posts say decides: nobody learns from it whether a thing is there.
    """
    wanted = permission or (access_of(current_app, request.endpoint) if request.endpoint else None)
    round_id = (request.view_args or {}).get("round_id")
    return [
        post
        for post in other_posts()
        if wanted in post.permissions and (round_id is None or post.round_id in (None, round_id))
    ]
