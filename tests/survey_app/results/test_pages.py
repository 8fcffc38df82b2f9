"""Pages of a result: the example's figures, the sentence, suppression in every place, strangers."""

from __future__ import annotations

import pytest

from tests.survey_app.results.conftest import EXAMPLE, RIVER


def test_the_example_of_the_seed_gives_its_three_rates_on_the_page(build):
    built = build(EXAMPLE).rate()
    page = built.client(built.chairs[0]).get(f"/results/{built.result().id}").get_data(as_text=True)
    assert "92.70%" in page
    assert "100.00%" in page
    assert "97.16%" in page
