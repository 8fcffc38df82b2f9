"""Short messages through an HTTP gateway; its small contract stands in docs/messages.md."""

from __future__ import annotations

from survey_app.outbox.transport import Letter, NotDelivered
from survey_app.outbox.transport_http import PATIENCE_S, post_json

# What a gateway may answer, and whether another attempt can help.
FINAL = {"no_such_number": "no_such_address", "number_stopped": "address_stopped", "refused": "refused"}


class SmsTransport:
    """One POST per message with an `Idempotency-Key`, so that a gateway can drop a repetition."""

    def __init__(self, url: str, key: str, patience: float = PATIENCE_S) -> None:
        self._url, self._key, self._patience = url, key, patience

    def send(self, letter: Letter, reference: str) -> None:
        """Hand one message to the gateway."""
        answer = post_json(
            self._url,
            {"to": letter.address, "text": letter.text, "reference": reference},
            {"Authorization": f"Bearer {self._key}", "Idempotency-Key": reference},
            patience=self._patience,
        )
        if answer.get("ok") is True:
            return
        reason = str(answer.get("reason", ""))
        if reason in FINAL:
            raise NotDelivered(FINAL[reason], final=True)
        raise NotDelivered("server_busy" if reason else "answer_unclear")

    def close(self) -> None:
        """Nothing stays open between messages."""
