"""The limits that `member_flow.py` compares with: a bare Flask view, and a ballot's two statements alone.

Run by it as `python benchmarks/member_flow_limits.py bare|statements PORT WORKERS ROSTER_URL BOX_URL`.
Answers the same five requests through the same gunicorn with replies of the same length, without any
cryptography; with `statements` an issue is one committed UPDATE and a cast one committed INSERT on the same
two databases.
"""

import base64
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import insert, update

from survey_app.box.models import Intake
from survey_app.core.db import Databases, committing, open_databases, write_session
from survey_app.invitations.models import Invitation
from tests.support.installation import settings_for

PAGE, SHEET = b"x" * 9_000, b"x" * 12_000
SIGNATURE = base64.b64encode(b"x" * 256).decode()


def bare() -> Flask:
    """Five views that answer at once."""
    app = Flask(__name__)
    app.add_url_rule("/e", "page", lambda: Response(PAGE))
    app.add_url_rule("/e/sheet", "sheet", lambda: Response(SHEET), methods=["POST"])
    app.add_url_rule("/e/lookup", "lookup", lambda: {"state": "open", "home": 1}, methods=["POST"])
    app.add_url_rule("/e/issue", "issue", lambda: {"s": SIGNATURE}, methods=["POST"])
    app.add_url_rule("/box/cast", "cast", lambda: {"receipt": "x" * 19, "leaf": "x" * 64}, methods=["POST"])
    return app


def with_statements(databases: Databases) -> Flask:
    """The same, where an issue and a cast write what ours write."""
    app = bare()

    def issue() -> dict[str, str]:
        nobody = update(Invitation).where(Invitation.id == secrets.token_hex(16))
        with committing(write_session(databases.roster)) as session:
            session.execute(nobody.values(state="issued").execution_options(synchronize_session=False))
        return {"s": SIGNATURE}

    def cast() -> dict[str, str]:
        call = request.get_json()
        row = {
            "cred_hash": secrets.token_bytes(32),
            "class_id": call["class"],
            "cred": base64.b64decode(call["m"]),
            "sig": base64.b64decode(call["s"]),
            "sealed": base64.b64decode(call["x"]),
        }
        with committing(write_session(databases.box)) as session:
            session.execute(insert(Intake).values(row))
        return {"receipt": "x" * 19, "leaf": "x" * 64}

    app.view_functions.update(issue=issue, cast=cast)
    return app


class Server(BaseApplication):
    """gunicorn as `pingjia serve` runs it."""

    def __init__(self, kind: str, port: int, workers: int, roster: str, box: str) -> None:
        self.kind, self.port, self.workers, self.urls = kind, port, workers, (roster, box)
        super().__init__()

    def load_config(self) -> None:
        """The same options."""
        for name, value in {
            "bind": f"127.0.0.1:{self.port}",
            "workers": self.workers,
            "worker_class": "gthread",
            "threads": 8,
            "control_socket_disable": True,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application in the server process."""
        if self.kind == "bare":
            return bare()
        return with_statements(open_databases(settings_for(*self.urls, Path.cwd())))


if __name__ == "__main__":
    kind, port, workers, roster, box = sys.argv[1:]
    Server(kind, int(port), int(workers), roster, box).run()
