"""After counting, whoever holds every file links no better than chance (anonymity.md section 9, number 2).

A suspicion must repeat on a second home: chance does not, a leak does.
"""

from __future__ import annotations

import pytest

from tests.anonymity.attacks import Finding
from tests.anonymity.linking import attacked, attacked_naively


def suspects(findings: dict[str, Finding]) -> set[str]:
    return {name for name, finding in findings.items() if finding.is_caught}


def refuse_links(settings, databases, members: int, seed: int) -> None:
    found = attacked(settings, databases, members, seed)
    suspected = suspects(found)
    if suspected:
        again = attacked(settings, databases, members, seed + 1000)
        assert not suspected & suspects(again), [(name, found[name], again[name]) for name in suspected]


def test_no_file_links_ballots_or_words_to_arrivals(settings, databases):
    refuse_links(settings, databases, members=60, seed=1)


def test_the_same_attacks_break_the_naive_design(databases, tmp_path):
    missed = [one for one in attacked_naively(databases, tmp_path, members=60).values() if not one.is_caught]
    assert missed == []


@pytest.mark.slow
def test_no_file_links_two_hundred_in_five_orders(settings, databases):
    for seed in range(5):
        refuse_links(settings, databases, members=200, seed=seed)
