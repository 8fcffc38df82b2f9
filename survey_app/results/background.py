"""Background work of results."""

from __future__ import annotations

from survey_app.results.rating import rate_round

HANDLERS = {"results.rate": rate_round}
