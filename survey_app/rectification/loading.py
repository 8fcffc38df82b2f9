"""How the pages of an order load it: within the scope, locked and unchanged since it was shown."""

from __future__ import annotations

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from survey_app.core.errors import Refused
from survey_app.rectification.models import Order
from survey_app.rectification.orders import may_take
from survey_app.rectification.queries import visible_order
from survey_app.units.models import Unit
from survey_app.web.access import actor
from survey_app.web.books import reader
from survey_app.web.desk import say


def shown(order_id: int) -> Order:
    """The order as a page reads it."""
    return visible_order(reader(), actor(), order_id)


def shown_for(order_id: int, action: str) -> Order:
    """The order for a page that leads to an action; Refused where the action is not open now."""
    order = shown(order_id)
    if not may_take(reader(), actor(), order, action):
        raise Refused("wrong_state", thing="order", state=order.state, action=action)
    return order


def locked(session: Session, order_id: int) -> Order:
    """The order for writing; Conflict when somebody changed it since the form was shown."""
    version = request.form.get("version", type=int)
    return visible_order(session, actor(), order_id, lock=True, version=version)


def home_of(order: Order) -> Unit:
    """The home an order is about."""
    return reader().get_one(Unit, order.home_id)


def back(order_id: int, text: str) -> Response:
    """To the order's page, which begins with what was done."""
    say(text, "done")
    return redirect(url_for("rectification.order", order_id=order_id), 303)
