"""Tables of the box. No column for date, time, address, agent, session or serial may stand here."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import BoxBase

ANSWER_COLUMNS = 25
WITHOUT_ROWID = {"sqlite_with_rowid": False}


class BoxState(StrEnum):
    """prepared -> casting -> shut -> counted; set for all classes of a round at once."""

    PREPARED = "prepared"
    CASTING = "casting"
    SHUT = "shut"
    COUNTED = "counted"


class BoxClass(BoxBase):
    """A ballot class as the box knows it: the key that signs for it and whether casting is open."""

    __tablename__ = "box_class"
    __table_args__ = (Index("ix_box_class_round_home", "round_id", "home_id"), WITHOUT_ROWID)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(String(32))
    home_id: Mapped[int] = mapped_column(Integer)
    members: Mapped[int] = mapped_column(Integer)
    issuing_public: Mapped[bytes] = mapped_column(LargeBinary(256))
    opening_public: Mapped[bytes] = mapped_column(LargeBinary)
    sheet_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(String(10))


class Card(BoxBase):
    """A printed card: its code's keyed hash and its class. Which member drew it nobody knows."""

    __tablename__ = "card"
    __table_args__ = (Index("ix_card_class_id", "class_id"), WITHOUT_ROWID)

    code_mac: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    class_id: Mapped[str] = mapped_column(String(32))


class Intake(BoxBase):
    """Sealed ballots between casting and counting; emptied at counting.

    Every row that is cast has a signature, a card's too: of a row without one nothing is counted.
    """

    __tablename__ = "intake"
    __table_args__ = (Index("ix_intake_class_id", "class_id"), WITHOUT_ROWID)

    cred_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    class_id: Mapped[str] = mapped_column(String(32))
    cred: Mapped[bytes] = mapped_column(LargeBinary)
    sig: Mapped[bytes | None] = mapped_column(LargeBinary(256))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Paper(BoxBase):
    """Keyed paper forms, sealed for the opening key when they are keyed; emptied at counting.

    Until two keyings agree there are two rows of a form, each with a draft and a digest under the word on
    the pile; then one row is left, and of it nothing but the seal.
    """

    __tablename__ = "paper"
    __table_args__ = (Index("ix_paper_round_home", "round_id", "home_id"), WITHOUT_ROWID)

    batch: Mapped[str] = mapped_column(String(32), primary_key=True)
    sheet: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    keying: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    round_id: Mapped[str] = mapped_column(String(32))
    home_id: Mapped[int] = mapped_column(Integer)
    class_id: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    draft: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class CountingClass(BoxBase):
    """The classes in which ballots are stored: every one has at least ten valid ballots.

    `ballot_classes` is a JSON object from each ballot class it holds to the ballots cast in it, void ones
    included: what the leaves tell anyway. In rounds counted before it is a plain list.
    """

    __tablename__ = "counting_class"
    __table_args__ = (Index("ix_counting_class_round_home", "round_id", "home_id"), WITHOUT_ROWID)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(String(32))
    home_id: Mapped[int] = mapped_column(Integer)
    ballot_classes: Mapped[str] = mapped_column(Text)
    members: Mapped[int] = mapped_column(Integer)
    valid: Mapped[int] = mapped_column(Integer)


class Ballot(BoxBase):
    """An opened ballot under a random key: one small integer per closed question (0 = blank)."""

    __tablename__ = "ballot"
    __table_args__ = (WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    home_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    counting_class: Mapped[str] = mapped_column(String(32), primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


for _number in range(1, ANSWER_COLUMNS + 1):
    setattr(Ballot, f"a{_number}", mapped_column(f"a{_number}", SmallInteger, nullable=False, default=0))


class BoxComment(BoxBase):
    """A free text, split off its ballot, until `results` takes it over under a key of its own."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_round_home", "round_id", "home_id"), WITHOUT_ROWID)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[str] = mapped_column(String(32))
    home_id: Mapped[int] = mapped_column(Integer)
    question: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)


class Leaf(BoxBase):
    """What is published of a ballot: proof that it was counted, never of its content."""

    __tablename__ = "leaf"
    __table_args__ = (Index("ix_leaf_round_home", "round_id", "home_id"), WITHOUT_ROWID)

    leaf: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(String(32))
    home_id: Mapped[int] = mapped_column(Integer)
    class_id: Mapped[str] = mapped_column(String(32))
    cred: Mapped[bytes] = mapped_column(LargeBinary)
    sig: Mapped[bytes | None] = mapped_column(LargeBinary(256))
    sealed_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Opening(BoxBase):
    """The result of opening one home's box; the digests are printed on the protocol sheet."""

    __tablename__ = "opening"
    __table_args__ = (WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    home_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sealed: Mapped[int] = mapped_column(Integer)
    paper: Mapped[int] = mapped_column(Integer)
    valid: Mapped[int] = mapped_column(Integer)
    void: Mapped[int] = mapped_column(Integer)
    unopened: Mapped[int] = mapped_column(SmallInteger)
    held: Mapped[str] = mapped_column(Text)
    leaves_root: Mapped[bytes] = mapped_column(LargeBinary(32))
    ballots_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    tallies_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    traits: Mapped[str | None] = mapped_column(Text)


class Tally(BoxBase):
    """How many ballots of a counting class chose an option of a question."""

    __tablename__ = "tally"
    __table_args__ = (WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    home_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    counting_class: Mapped[str] = mapped_column(String(32), primary_key=True)
    question: Mapped[str] = mapped_column(String(16), primary_key=True)
    option: Mapped[str] = mapped_column(String(16), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class ScoreSum(BoxBase):
    """Exact sums of dimension scores (1/60 point) and index (1/6000 point) of a counting class."""

    __tablename__ = "score_sum"
    __table_args__ = (WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    home_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    counting_class: Mapped[str] = mapped_column(String(32), primary_key=True)
    score: Mapped[str] = mapped_column(String(16), primary_key=True)
    ballots: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(BigInteger)
    squares: Mapped[int] = mapped_column(BigInteger)
