"""`/metrics` for Prometheus: how the installation is, without anything of a member.

No series names a home, a round or a person. Members' requests are one series in whole hundreds and without
times: a count for each minute would tell when the members of a small home voted.
"""

from __future__ import annotations

import hmac
import shutil
import time
from collections.abc import Iterator
from datetime import datetime

from flask import Flask, Response, g, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.errors import NotFound
from survey_app.journal.chain import head
from survey_app.maintenance.counters import AREAS, BOUNDS, AreaCount, Counters
from survey_app.outbox.models import Delivery, Job
from survey_app.rounds.models import Round, RoundState
from survey_app.web.access import MARK, public, refuse_undeclared
from survey_app.web.books import installation, now, reader

MEMBERS_ARE_COUNTED_IN = 100
JOB_STATES = ("waiting", "running", "done", "failed")
AREA_OF_ACCESS = {"member": "member", "public": "public"}


def register(app: Flask, counters: Counters) -> None:
    """Count every request and answer `/metrics`; the server calls it, once for each of its processes."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        started = g.pop("started", None)
        if started is not None:
            counters.add(_area(app), response.status_code, time.perf_counter() - started)
        return response

    @app.get("/metrics")
    @public
    def metrics() -> Response:
        """The page for Prometheus; without the token it does not exist."""
        _need_token()
        lines = [*_requests(counters), *_state(reader(), now())]
        return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")

    refuse_undeclared(app)


def _area(app: Flask) -> str:
    if request.endpoint is None:
        return "unknown"
    if request.endpoint == "static":
        return "static"
    return AREA_OF_ACCESS.get(getattr(app.view_functions[request.endpoint], MARK, ""), "desk")


def _need_token() -> None:
    token = installation().settings.metrics_token
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if not token or kind != "Bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound


def _requests(counters: Counters) -> Iterator[str]:
    counts = {area: counters.read(area) for area in AREAS}
    yield "# TYPE pingjia_requests_total counter"
    for area, counted in counts.items():
        for status, number in counted.by_status.items():
            shown = number - number % MEMBERS_ARE_COUNTED_IN if area == "member" else number
            yield f'pingjia_requests_total{{area="{area}",status="{status}"}} {shown}'
    yield "# TYPE pingjia_request_seconds histogram"
    for area, counted in counts.items():
        if area != "member":
            yield from _histogram(area, counted)


def _histogram(area: str, counted: AreaCount) -> Iterator[str]:
    below = 0
    for bound, number in zip((*BOUNDS, "+Inf"), counted.by_bound, strict=True):
        below += number
        yield f'pingjia_request_seconds_bucket{{area="{area}",le="{bound}"}} {below}'
    yield f'pingjia_request_seconds_sum{{area="{area}"}} {counted.microseconds / 1_000_000:.6f}'
    yield f'pingjia_request_seconds_count{{area="{area}"}} {below}'


def _state(session: Session, at: datetime) -> Iterator[str]:
    yield "# TYPE pingjia_jobs gauge"
    jobs = _by_state(session, Job)
    for state in JOB_STATES:
        yield f'pingjia_jobs{{state="{state}"}} {jobs.get(state, 0)}'
    yield "# TYPE pingjia_oldest_due_job_seconds gauge"
    oldest = session.scalar(select(func.min(Job.run_at)).where(Job.state == "waiting", Job.run_at <= at))
    yield f"pingjia_oldest_due_job_seconds {(at - oldest).total_seconds() if oldest else 0:.0f}"
    yield "# TYPE pingjia_deliveries gauge"
    sums = select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    for channel, state, number in session.execute(sums.order_by(Delivery.channel, Delivery.state)):
        yield f'pingjia_deliveries{{channel="{channel}",state="{state}"}} {number}'
    yield "# TYPE pingjia_rounds gauge"
    rounds = _by_state(session, Round)
    for round_state in RoundState:
        yield f'pingjia_rounds{{state="{round_state}"}} {rounds.get(round_state, 0)}'
    yield "# TYPE pingjia_journal_lines counter"
    yield f"pingjia_journal_lines {head(session)[0]}"
    yield "# TYPE pingjia_disk_free_bytes gauge"
    yield f"pingjia_disk_free_bytes {shutil.disk_usage(installation().settings.data_folder).free}"


def _by_state(session: Session, table: type[Job] | type[Round]) -> dict[str, int]:
    rows = session.execute(select(table.state, func.count()).group_by(table.state))
    return {state: number for state, number in rows}  # noqa: C416 - a Row is not the pair that dict() wants
