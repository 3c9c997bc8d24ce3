"""The proof itself must be able to fail: a wrong example is red, an unguarded number is found."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from incentives.policy import failures
from incentives.policy.__main__ import main
from incentives.policy.perturb import loose_numbers
from tests.incentives.policy.builders import programme, raw, words

CAP = {
    "id": "project",
    "label": words(),
    "limit": "300000",
    "per": [],
    "period": "life",
    "printed": "true",
}
RATE = {"rate_of": "funds", "rate": {"between": ["3%", "5%"]}}


def example(**expected: Any) -> dict[str, Any]:
    return {"title": words(), "facts": {"funds": "8000000"}, **expected}


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"minimum": "240000", "maximum": "300000", "cut_by": ["project"]}, []),
        ({"choices": {"rate": "3%"}, "amount": "240000"}, []),
        (
            {
                "choices": {"rate": "3%"},
                "amount": "240000",
                "after": {"project": "100000"},
                "granted": "200000",
            },
            [],
        ),
        (
            {"choices": {"rate": "3%"}, "amount": "240001"},
            ["amount: expected 240001.00, found 240000.00 (decision eligible)"],
        ),
        (
            {"choices": {"rate": "5%"}, "amount": "300000"},
            ["cut_by: expected [], found ['project']"],
        ),
        (
            {"choices": {"rate": "6%"}, "amount": "300000"},
            ["choices.rate: '6%' is outside the bounds; choose from 3% to 5%"],
        ),
        (
            {"choices": {"rate": "3%"}, "granted": "1"},
            ["granted: expected 1.00, found 240000.00 (decision eligible)"],
        ),
        (
            {"facts": {}, "decision": "eligible"},
            ["decision: expected eligible, found needs_facts (decision needs_facts, needs funds)"],
        ),
        ({"facts": {}, "decision": "needs_facts"}, []),
    ],
)
def test_an_example_agrees_or_says_where_it_differs(
    expected: dict[str, Any], said: list[str]
) -> None:
    whole = programme(amount=RATE, caps=[CAP], examples=[example(**expected)])
    assert failures(whole, whole.examples[0]) == said


def test_a_number_no_example_guards_is_found() -> None:
    settled = example(choices={"rate": "3%"}, amount="240000")
    data = raw(amount=RATE, caps=[CAP], examples=[settled])
    assert loose_numbers(data) == [
        (("amount", 0, "rate", "between", 0), "2.97%"),
        (("amount", 0, "rate", "between", 1), "4.95%"),
        (("amount", 0, "rate", "between", 1), "5.05%"),
        (("caps", 0, "limit"), "297000"),
        (("caps", 0, "limit"), "303000"),
    ]


def test_examples_on_both_sides_guard_every_number() -> None:
    open_ = example(facts={"funds": "100"}, minimum="3", maximum="5")
    over = example(choices={"rate": "5%"}, amount="300000", cut_by=["project"])
    assert loose_numbers(raw(amount=RATE, caps=[CAP], examples=[open_, over])) == []


def test_an_edge_that_two_bands_share_moves_in_both() -> None:
    bands = [{"from": "0", "to": "1000", "amount": "1"}, {"from": "1000", "amount": "2"}]
    at = [example(facts={"people": n}, amount=a) for n, a in (("999", "1"), ("5000", "2"))]
    data = raw(amount={"by_band": "people", "bands": bands}, examples=at)
    assert loose_numbers(data) == [
        (("amount", 0, "bands", 0, "to"), "1010"),
        (("amount", 0, "bands", 1, "from"), "1010"),
    ]


def test_thresholds_and_days_are_numbers_too() -> None:
    conditions = [{"fact": "funds", "above": "0"}, {"fact": "day", "on_or_after": "2020-08-20"}]
    given = example(facts={"funds": "5", "day": "2021-01-01"}, decision="eligible")
    data = raw(conditions=conditions, amount={"fixed": "1"}, examples=[{**given, "amount": "1"}])
    assert [(loc[1], changed) for loc, changed in loose_numbers(data)] == [
        (0, "0.01"),
        (1, "2020-08-19"),
        (1, "2020-08-21"),
    ]


def test_the_command_tells_red_examples_then_unguarded_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "qingdao" / "test-award.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(raw(examples=[example(amount="99")])), encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 1
    assert "amount: expected 99.00, found 100.00 (decision eligible)" in capsys.readouterr().out
    path.write_text(yaml.safe_dump(raw(examples=[example(decision="eligible")])), encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert "amount.0.fixed: could be 99 and every example still agree" in capsys.readouterr().out
    path.write_text(yaml.safe_dump(raw(examples=[example(amount="100")])), encoding="utf-8")
    assert main(["check", str(path.parent)]) == 0


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert '"additionalProperties": false' in capsys.readouterr().out


def test_a_path_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "/nowhere"]) == 1
    assert "there is no file or folder /nowhere" in capsys.readouterr().out
