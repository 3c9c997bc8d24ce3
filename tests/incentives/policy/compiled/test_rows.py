from decimal import Decimal

import pytest

from incentives.policy import InputError
from incentives.policy.compiled import compile_rows, lower, read_typed, source_of
from incentives.policy.compiled.typed import shifted_exactly
from tests.incentives.policy.builders import ON, parameter, programme

RULES = {
    "conditions": [
        {"fact": "level", "in": ["national", "city"]},
        {"fact": "day", "within": {"years": "3"}},
    ],
    "amount": {
        "rate_of": "funds",
        "rate": {"between": ["3%", "5%"]},
        "at_most": {"by": "level", "table": {"national": "5000", "city": "800"}},
    },
}


def test_source_is_plain_python() -> None:
    source = source_of(lower(programme(**RULES)))
    assert "def assess_test_award(facts, on):\n    applicant_kind = facts.get(" in source
    assert (
        "if day is not None and not (first_day(on, (3, 0)) <= day and day <= on): return INELIGIBLE"
        in source
    )
    assert "    low = (min(funds * 3, TABLE_1[level] * 10000) + 50) // 100\n" in source
    assert max(map(len, source.splitlines())) < 220


def test_answers_in_fen_and_leaves_the_choice_open() -> None:
    row = compile_rows(programme(**RULES))
    facts = read_typed(
        programme(**RULES), {"level": "city", "day": "2020-01-01", "funds": "10000.10"}
    )
    assert row(facts, ON) == ("needs_choice", 30000, 50001)


def test_names_that_python_keeps_for_itself() -> None:
    rules = programme(
        facts={
            "class": {"type": "money", "label": {"zh": "班", "en": "class"}},
            "min": {"type": "money", "label": {"zh": "小", "en": "least"}},
            "min_": {"type": "money", "label": {"zh": "少", "en": "less"}},
        },
        amount={"least_of": ["class", "min", "min_"]},
    )
    facts = read_typed(rules, {"class": "3", "min": "2", "min_": "2.5"})
    assert compile_rows(rules)(facts, ON) == ("eligible", 200, 200)


def test_typed_facts_are_whole_numbers() -> None:
    facts = {"funds": "8,000,000", "share": "12.5%", "team": [{"cost": "1.5", "trained": "是"}]}
    assert read_typed(programme(), facts) == {
        "funds": 800000000,
        "share": 125 * 10**21,
        "team": ({"cost": 150, "trained": True},),
    }


def test_settings_are_read_as_assess_reads_them() -> None:
    rules = programme(amount={"fixed": "@sum"}, parameters={"sum": parameter("money")})
    assert compile_rows(rules)({}, ON).decision == "needs_setting"
    assert compile_rows(rules, {"sum": "7.77"})({}, ON).amount == 777
    with pytest.raises(InputError, match=r"settings\.sum: '-1' is below 0"):
        compile_rows(rules, {"sum": "-1"})


def test_long_numbers_stay_exact() -> None:
    assert shifted_exactly(Decimal("0.0000000000000000000001"), 24) == 100
    assert shifted_exactly(Decimal("9999999999999999.99"), 2) == 999999999999999999
