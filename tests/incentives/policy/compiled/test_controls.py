"""What the comparison must notice: each compiled answer is spoilt once, and it does."""

from random import Random
from typing import Any

import pytest

from incentives.policy.compiled import building, lower_conditions, lowering
from incentives.policy.compiled.form import Const, Number, Rounded
from incentives.policy.compiled.ground import NOTHING_LACKS, Ground
from tests.incentives.policy.builders import programme
from tests.incentives.policy.compiled.agreement import drawn
from tests.incentives.policy.compiled.drawing import Source

RULES: dict[str, Any] = {
    "conditions": [{"fact": "funds", "at_least": "1000"}, {"fact": "first", "is": "true"}],
    "amount": {
        "rate_of": "funds",
        "rate": {"between": ["3.5%", "5.25%"]},
        "at_most": {"by": "level", "table": {"national": "70000.01", "city": "50000"}},
    },
    "caps": [
        {
            "id": "year",
            "label": {"zh": "上限", "en": "cap"},
            "limit": "60000",
            "per": ["applicant"],
            "period": "year",
            "printed": "true",
        }
    ],
}


def found(rules: dict[str, Any]) -> bool:
    """Whether random cases show a disagreement."""
    source = Source.of(programme(**rules))
    return any(drawn(source, Random(seed), 40) for seed in range(5))


def test_sound_as_it_is() -> None:
    assert not found(RULES)


def test_rounding_down_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(number: Number, places: int) -> Number:
        half = Const(-(10 ** (number.places - places)) // 2, number.places)
        return Rounded(building.plus([number, half]), places)

    monkeypatch.setattr(lowering, "rounded", down)
    assert found(RULES)


def test_an_edge_taken_the_wrong_way_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**lower_conditions.COMPARISONS, "at_least": ">"}
    monkeypatch.setattr(lower_conditions, "COMPARISONS", wrong)
    assert found(RULES)


def test_a_cap_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lowering, "capped", lambda amount, *_: amount)
    assert found(RULES)


def test_a_missing_fact_overlooked_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ground, "lacks", lambda self, key, by_name=False: NOTHING_LACKS)
    assert found({**RULES, "amount": {"fixed": "100"}})
