"""Signed tokens for what travels outside the ballot: invitations of officers, resets, downloads."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from survey_app.core.errors import Refused


def sign(secret_key: str, purpose: str, value: Any) -> str:
    """A URL-safe token; the purpose is the salt, so a token for one purpose is worthless for another."""
    return URLSafeTimedSerializer(secret_key, salt=f"pingjia/{purpose}").dumps(value)


def read(secret_key: str, purpose: str, token: str, max_age_seconds: int) -> Any:
    """The value of a token that `sign` made for this purpose, not older than `max_age_seconds`."""
    try:
        return URLSafeTimedSerializer(secret_key, salt=f"pingjia/{purpose}").loads(
            token, max_age=max_age_seconds
        )
    except BadData as error:
        raise Refused("token_invalid", purpose=purpose) from error
