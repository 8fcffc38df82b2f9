"""Marks that may lie on any paper: demonstration, practice, withdrawn, and the head of the journal."""

from dataclasses import dataclass

DEMO_BANNER = "演示数据，不作依据"
PRACTICE_RIBBON = "演练，不算数"
VOID_WORD = "作废"


@dataclass(frozen=True)
class Marks:
    """What has to be said on the paper besides its content.

    `journal_head` is the fingerprint of the journal's last line at the time of printing. On paper it
    proves later that no line before it was changed.
    """

    demo: bool = False
    practice: bool = False
    void: bool = False
    journal_head: str = ""

    def as_data(self) -> dict[str, str]:
        """The words to print; an empty string prints nothing."""
        notices = [DEMO_BANNER] * self.demo + [PRACTICE_RIBBON] * self.practice
        return {
            "notice": "　".join(notices),
            "void": VOID_WORD if self.void else "",
            "journal_head": self.journal_head,
        }


NO_MARKS = Marks()
