from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.policy import scalars
from incentives.policy.text import BadValue


@pytest.mark.parametrize(
    "written",
    [
        "8000000",
        "8,000,000.00",
        "８，０００，０００．００",
        " 8000000.0 ",
        "¥8,000,000",
        "￥800,0000元",
        "8000000元",
    ],
)
def test_money_is_read_however_it_is_set_off(written: str) -> None:
    assert str(scalars.money(written)) == "8000000.00"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("1.005", "'1.005' has more than two decimals"),
        ("-1", "'-1' is below 0"),
        ("80,00,000", "'80,00,000' is not a number"),
        ("800万", "'800万' is not a number"),
        ("1e6", "'1e6' is not a number"),
        ("NaN", "'NaN' is not a number"),
        ("", "'' is not a number"),
        (Decimal("Infinity"), "'Infinity' is not a number"),
        (Decimal("NaN"), "'NaN' is not a number"),
        (0.5, "'0.5' is a float, which is not exact"),
        (True, "'True' is not a number"),
        ("1" * 17, "'11111111111111111' is too large"),
        (Decimal("1e999999"), "the number is too large"),
    ],
)
def test_money_that_cannot_be_read_says_why_and_what_to_write(
    written: object, problem: str
) -> None:
    with pytest.raises(BadValue) as caught:
        scalars.money(written)
    assert caught.value.problem.en == problem
    assert caught.value.expected.en == (
        "write yuan with at most two decimals, such as 8000000 or 8,000,000.00"
    )


@pytest.mark.parametrize(
    ("written", "fraction"),
    [
        ("5%", "0.05"),
        ("0.05", "0.05"),
        ("５％", "0.05"),
        ("3.50 %", "0.035"),
        ("100%", "1"),
        ("1", "1"),
        ("250%", "2.5"),
    ],
)
def test_a_rate_is_a_fraction(written: str, fraction: str) -> None:
    assert str(scalars.rate(written)) == fraction


def test_a_bare_number_above_one_is_no_rate() -> None:
    with pytest.raises(BadValue) as caught:
        scalars.rate("5")
    assert (caught.value.problem.en, caught.value.expected.en) == ("'5' has no % sign", "write 5%")


@pytest.mark.parametrize(
    "written",
    [
        "2021-06-01",
        "2021年6月1日",
        "2021/6/1",
        "2021.06.01",
        "２０２１-０６-０１",
        date(2021, 6, 1),
    ],
)
def test_a_day_is_read_in_its_usual_forms(written: object) -> None:
    assert scalars.day(written) == date(2021, 6, 1)


@pytest.mark.parametrize("written", ["2021-02-29", "June", "20210601", "2021-06-01T00:00"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(BadValue, match="write 2021-06-01"):
        scalars.day(written)


@pytest.mark.parametrize(
    "written",
    ["2020yfb 1700100", "２０２０ＹＦＢ１７００１００", "2020YFB1700100\u200b", " 2020yfb1700100 "],
)
def test_an_identifier_has_one_form(written: str) -> None:
    assert scalars.identifier(written) == "2020YFB1700100"


def test_every_dash_of_an_identifier_is_the_same() -> None:
    assert {scalars.identifier(f"A{dash}1") for dash in "-－–—−"} == {"A-1"}


@pytest.mark.parametrize(
    ("written", "read"), [("是", True), ("TRUE", True), (True, True), ("否", False), ("no", False)]
)
def test_a_boolean_is_yes_or_no(written: object, read: bool) -> None:
    assert scalars.boolean(written) is read


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("boolean", "perhaps"),
        ("year", "21"),
        ("year", True),
        ("integer", "1.5"),
        ("integer", "十"),
        ("text", ""),
        ("text", ["a"]),
        ("identifier", " "),
    ],
)
def test_what_cannot_be_read_is_refused(kind: str, written: object) -> None:
    with pytest.raises(BadValue):
        scalars.read_scalar(kind, written)


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_half_a_fen_goes_up(value: Decimal) -> None:
    rounded = scalars.to_fen(value)
    assert Decimal("-0.005") < rounded - value <= Decimal("0.005")


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("0.005", "0.01"), ("0.015", "0.02"), ("0.025", "0.03"), ("0.0049", "0.00")],
)
def test_rounding_is_half_up_not_half_even(value: str, rounded: str) -> None:
    assert str(scalars.to_fen(Decimal(value))) == rounded


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_money_survives_being_written(value: Decimal) -> None:
    assert scalars.money(f"{value:,.2f}") == scalars.money(str(value)) == value
