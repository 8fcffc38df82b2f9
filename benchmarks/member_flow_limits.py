"""The servers that `member_flow.py` compares with: ours without cryptography, two statements, a bare view.

Run by it as `python benchmarks/member_flow_limits.py KIND PORT WORKERS FOLDER ROSTER_URL BOX_URL`.
All stand behind the same gunicorn with the same options and answer the same five requests. KIND is

    same        the whole application; only the blind signature, the unwrapping of its key and the check
                of a signature are left out
    statements  canned replies of the same length; an issue commits one UPDATE, a cast one INSERT
    bare        canned replies
"""

import base64
import secrets
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import insert, update

from survey_app.app import create_app
from survey_app.box import casting
from survey_app.box.models import Intake
from survey_app.core.db import Databases, committing, open_databases, write_session
from survey_app.core.settings import Settings
from survey_app.invitations import routes
from survey_app.invitations.models import Invitation
from survey_app.maintenance import metrics
from survey_app.maintenance.counters import Counters
from tests.support.installation import settings_for

PAGE = b"x" * 9_000
CLASS = "0" * 32
KEY = base64.b64encode(b"x" * 256).decode()
SHEET = f'{{"classes":[{{"id":"{CLASS}","n":"{KEY}"}}]}}'.encode() + b"\n" + b"x" * 11_500
ENTITLED = {"state": "open", "phase": "open", "round": CLASS, "home": 1, "class": CLASS}
CAST = {"receipt": "x" * 19, "leaf": "x" * 64}


class NoKey:
    """Stands where an issuing key stands, and signs nothing."""

    def blind_sign(self, blinded: bytes) -> bytes:
        """As many bytes as a signature has."""
        return blinded


def same(settings: Settings) -> Flask:
    """Our application with its cryptography taken out."""
    replaced: dict[Any, tuple[str, Any]] = {
        routes: ("issuing_key", lambda *_given: NoKey()),
        casting: ("verify", lambda *_given: True),
    }
    for room, (name, instead) in replaced.items():
        setattr(room, name, instead)
    app = create_app(settings)
    metrics.register(app, Counters())
    return app


def bare() -> Flask:
    """Five views that answer at once."""
    app = Flask(__name__)
    app.add_url_rule("/e", "page", lambda: Response(PAGE))
    app.add_url_rule("/e/sheet", "sheet", lambda: Response(SHEET), methods=["POST"])
    app.add_url_rule("/e/lookup", "lookup", lambda: ENTITLED, methods=["POST"])
    app.add_url_rule("/e/issue", "issue", lambda: {"s": KEY}, methods=["POST"])
    app.add_url_rule("/box/cast", "cast", lambda: CAST, methods=["POST"])
    return app


def with_statements(databases: Databases) -> Flask:
    """The same, where an issue and a cast write what ours write."""
    app = bare()

    def issue() -> dict[str, str]:
        nobody = update(Invitation).where(Invitation.id == secrets.token_hex(16))
        with committing(write_session(databases.roster)) as session:
            session.execute(nobody.values(state="issued").execution_options(synchronize_session=False))
        return {"s": KEY}

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
        return CAST

    app.view_functions.update(issue=issue, cast=cast)
    return app


class Server(BaseApplication):
    """gunicorn as `pingjia serve` runs it."""

    def __init__(self, kind: str, port: int, workers: int, settings: Settings) -> None:
        self.kind, self.port, self.workers, self.settings = kind, port, workers, settings
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
        if self.kind == "same":
            return same(self.settings)
        return with_statements(open_databases(self.settings))


if __name__ == "__main__":
    kind, port, workers, folder, roster, box = sys.argv[1:]
    Server(kind, int(port), int(workers), settings_for(roster, box, Path(folder))).run()
