"""How a derived value came about, in Chinese and English."""

from datetime import date
from decimal import Decimal
from typing import Any

from . import explain
from .interval import Interval
from .questions import Fact
from .text import Text, text

OPEN = text("尚不能算出", "it cannot be worked out yet")
ASK = text("上年为0，由评审填写", "last year is 0, so the reviewers have to give it")
GIVEN = text("上年为0，按评审填写的值计", "last year is 0, so it is as the reviewers gave it")


def growth(this: Interval, last: Interval, rate: Decimal) -> Text:
    a, b, made = explain.span(this), explain.span(last), explain.percent(rate)
    return text(f"（{a.zh} − {b.zh}）÷ {b.zh} = {made}", f"({a.en} − {b.en}) ÷ {b.en} = {made}")


def last_zero(rate: Decimal) -> Text:
    counts = explain.percent(rate)
    return text(f"上年为0，按 {counts} 计", f"last year is 0, so it counts {counts}")


def series(first: int, at: int, years: int, index: int) -> Text:
    if index:
        return text(
            f"{at} 年为自 {first} 年起第 {index} 年", f"{at} is year {index} from {first} on"
        )
    return text(
        f"{at} 年不在自 {first} 年起的 {years} 年之内，计 0",
        f"{at} is not among the {years} years from {first} on, so 0",
    )


def years_since(since: date, on: date, years: int) -> Text:
    return text(f"自 {since} 至 {on}：{years} 整年", f"from {since} to {on}: {years} whole years")


def count(rows: int) -> Text:
    return text(f"计 {rows} 行", f"{rows} rows count")


def total(roster: Fact, kind: str, whole: Any, rows: int) -> Text:
    written = explain.percent(whole) if kind == "percent" else f"{whole}"
    sum_ = explain.yuan(whole) if kind == "money" else text(written, written)
    return text(
        f"{roster.label.zh} {rows} 行合计 {sum_.zh}",
        f"{rows} rows of {roster.label.en}: {sum_.en} together",
    )
