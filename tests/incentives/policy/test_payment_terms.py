"""How an amount is paid: its settlement, its instalments, its payers."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from incentives.policy import render
from incentives.policy.payment import instalments, is_advance, paid_by
from tests.incentives.policy.builders import case, programme, words

SETTLE = {"settle": {"actual": "funds", "advanced": "other_funds"}}


@pytest.mark.parametrize(
    ("actual", "amount", "recover"),
    [("9", "4.00", "0.00"), ("5", "0.00", "0.00"), ("3", "0.00", "2.00")],
)
def test_an_advance_is_topped_up_or_recovered(actual: str, amount: str, recover: str) -> None:
    found = case({"funds": actual, "other_funds": "5"}, amount=SETTLE)
    assert (str(found.amount), str(found.recover)) == (amount, recover)
    assert render(found)["recover"] == recover


def test_a_settlement_stands_alone() -> None:
    with pytest.raises(ValidationError, match="settle cannot stand inside another node"):
        programme(amount={"sum_of": [SETTLE, "funds"]})


def schedule(*shares: str) -> list[dict[str, Any]]:
    return [
        {"id": f"p{i}", "label": words(), "share": share, "due": "award"}
        for i, share in enumerate(shares, 1)
    ]


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ({"schedule": schedule("50%", "49%")}, "shares of the instalments are not 100%"),
        ({"schedule": schedule("rest", "50%")}, "shares of the instalments are not 100%"),
        ({"schedule": schedule("100%", "rest")}, "shares of the instalments are not 100%"),
        ({"payers": [{"payer": "city", "share": "60%"}]}, "shares of the payers are not 100%"),
        (
            {
                "payers": [{"payer": "city", "share": "100%"}],
                "roles": {"applicant": ["enterprise"], "payer": "city"},
            },
            "payer and payers cannot both stand",
        ),
        ({"round": {"label": words()}}, "the round has no rule"),
        ({"round": {"label": words(), "budget": "5"}}, "budget and share go together"),
    ],
)
def test_shares_must_make_a_whole(part: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        programme(**part)


def test_when_an_instalment_is_due_is_told() -> None:
    parts = schedule("50%", "30%", "rest")
    parts[1]["due"], parts[2]["due"] = {"months": "12"}, {"stage": words("合格", "passed")}
    found = case({}, amount={"fixed": "0.05"}, schedule=parts)
    assert [(str(p.amount), p.due.en) for p in found.schedule] == [
        ("0.03", "on the award"),
        ("0.02", "12 months after the award"),
        ("0.00", "passed"),
    ]


def test_an_instalment_is_due_on_a_day_or_an_evaluation() -> None:
    parts = schedule("50%", "20%", "20%", "rest")
    parts[1]["due"] = {"day": "6-30", "years": "1"}
    parts[2]["due"] = {"evaluation": words("评价合格", "evaluated")}
    parts[3]["due"] = {"day": "12月31日", "years": "2"}
    whole = programme(amount={"fixed": "10"}, schedule=parts)
    assert [part.due.zh for part in instalments(whole, Decimal(10))] == [
        "兑现时", "兑现次年6月30日", "评价合格", "兑现后第 2 年12月31日",
    ]  # fmt: skip
    assert [part.due.en for part in instalments(whole, Decimal(10))] == [
        "on the award",
        "30 June of the year after the award",
        "evaluated",
        "31 December, 2 years after the year of the award",
    ]
    assert [is_advance(whole, part) for part in whole.schedule] == [True, True, False, False]
    assert programme(**whole.model_dump(mode="json", by_alias=True)).schedule == whole.schedule


shares_of_a_whole = st.lists(st.integers(1, 40), min_size=1, max_size=6).filter(
    lambda parts: sum(parts) < 100
)


@given(shares_of_a_whole, st.decimals(min_value=0, max_value=10**9, places=2))
def test_instalments_and_payers_add_up_to_the_fen(parts: list[int], amount: Decimal) -> None:
    written = [f"{part}%" for part in parts]
    whole = programme(
        schedule=schedule(*written, "rest"),
        payers=[
            {"payer": "city", "share": written[0]},
            {"payer": "district", "share": f"{100 - parts[0]}%"},
        ],
    )
    paid = [line.amount for line in instalments(whole, amount)]
    shares = paid_by(whole, amount)
    assert (sum(paid), sum(shares.values())) == (amount, amount)
    assert min(*paid, *shares.values()) >= 0
    exact = amount * parts[0] / 100
    assert abs(shares["city"] - exact) < Decimal("0.01")
