"""The factory of rounds, as the application's own tests use it."""

from tests.survey_app.conftest import BuildRound, build

__all__ = ["BuildRound", "build"]
