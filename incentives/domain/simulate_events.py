"""The lines of a simulated sequence, read: an application, a step after it, or a fund's limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from incentives.domain.json_lines import (
    day,
    fault,
    named,
    read_object,
    require_keys,
    require_objects,
)
from incentives.policy.programme import Programme as Rules
from incentives.policy.scalars import integer, money
from incentives.policy.text import BadValue, InputError, Problem

SHANGHAI = ZoneInfo("Asia/Shanghai")
KEYS: Mapping[str, tuple[str, ...]] = {
    "apply": ("ref", "programme", "on", "approved_on", "applicant", "facts", "choices"),
    "revoke": ("ref", "on"),
    "redeem": ("ref", "on", "amount"),
    "pool": ("code", "year", "limit", "programmes", "city"),
    "budget": ("code", "programme", "programmes", "city", "year", "limit", "mode"),
}
MODES = ("first_come", "pro_rata")


@dataclass(frozen=True, slots=True)
class Apply:
    """`approved_on` as it was written, and its year in Shanghai."""

    ref: str
    rules: Rules
    on: date
    approved_on: str
    year: int
    applicant: str
    facts: Mapping[str, Any]
    choices: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Revoke:
    ref: str
    on: date


@dataclass(frozen=True, slots=True)
class Redeem:
    ref: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SetFund:
    """`mode` is None for a pool. No programmes: all of the city's."""

    kind: str
    code: str
    city: str
    year: int
    limit: Decimal
    programmes: frozenset[str]
    mode: str | None


Event = Apply | Revoke | Redeem | SetFund


def read_event(line: str, number: int, programmes: Mapping[str, Rules]) -> Event:
    """Raises InputError for the first fault of the line; an application without `ref` takes its
    line's number."""
    case = read_object(line)
    kind = str(case.get("kind", "apply"))
    if kind not in KEYS:
        raise fault("kind", "没有此种行", "no such kind of line", *[", ".join(KEYS)] * 2)
    require_keys(case, ("kind", *KEYS[kind]))
    if kind == "apply":
        return read_apply(case, number, programmes)
    if kind == "revoke":
        return Revoke(written(case, "ref"), day(case.get("on")))
    if kind == "redeem":
        return Redeem(written(case, "ref"), day(case.get("on")), amount(case, "amount"))
    return read_fund(kind, case, programmes)


def read_apply(case: Mapping[str, Any], number: int, programmes: Mapping[str, Rules]) -> Apply:
    require_objects(case, "facts", "choices")
    approved = str(case.get("approved_on", case.get("on")))
    return Apply(
        ref=written(case, "ref") if "ref" in case else str(number),
        rules=named(case.get("programme"), programmes),
        on=day(case.get("on")),
        approved_on=approved,
        year=year_in_shanghai(approved),
        applicant=written(case, "applicant"),
        facts=case.get("facts", {}),
        choices=case.get("choices", {}),
    )


def year_in_shanghai(moment: str) -> int:
    """Of a day, or of a time with its offset (without one it is Shanghai's own)."""
    try:
        found = datetime.fromisoformat(moment)
        return found.year if found.tzinfo is None else found.astimezone(SHANGHAI).year
    except (ValueError, OverflowError) as error:
        raise fault(
            "approved_on",
            "不是日期或时间",
            "is no date or time",
            "写作 2026-12-31 或 2026-12-31T23:59:59+08:00",
            "write 2026-12-31 or 2026-12-31T23:59:59+08:00",
        ) from error


def read_fund(kind: str, case: Mapping[str, Any], programmes: Mapping[str, Rules]) -> SetFund:
    codes = members(case, programmes)
    code = case.get("code", case.get("programme"))
    if not isinstance(code, str) or not code:
        raise fault("code", "未填写", "is missing", "请写代码", "give it a code")
    return SetFund(
        kind=kind,
        code=code,
        city=city_of(case, codes, programmes),
        year=whole(case, "year"),
        limit=amount(case, "limit"),
        programmes=codes,
        mode=mode_of(case) if kind == "budget" else None,
    )


def members(case: Mapping[str, Any], programmes: Mapping[str, Rules]) -> frozenset[str]:
    listed = [case["programme"]] if "programme" in case else case.get("programmes", [])
    if not isinstance(listed, list):
        raise fault("programmes", "不是列表", "is no list", '["代码"]', '["code"]')
    return frozenset(named(code, programmes, "programmes").code for code in listed)


def city_of(case: Mapping[str, Any], codes: frozenset[str], programmes: Mapping[str, Rules]) -> str:
    """The city of the programmes named, or the one that is named because none of them is."""
    known = sorted({rules.city for rules in programmes.values()})
    found = {programmes[code].city for code in codes} or {str(case.get("city"))}
    if len(found) > 1 or not found <= set(known) or case.get("city", *found) not in found:
        listed = ", ".join(known)
        raise fault(
            "city",
            "须是一个城市",
            "has to be one city",
            f"请只列一个城市的事项，或写 city：{listed}",
            f"list programmes of one city, or write city: {listed}",
        )
    return found.pop()


def mode_of(case: Mapping[str, Any]) -> str:
    mode = str(case.get("mode", "first_come"))
    if mode not in MODES:
        raise fault("mode", "没有此方式", "no such mode", *[" / ".join(MODES)] * 2)
    return mode


def written(case: Mapping[str, Any], field: str) -> str:
    value = case.get(field)
    if not isinstance(value, str) or not value.strip():
        raise fault(field, "未填写", "is missing", "请写一段文字", "write a text")
    return value.strip()


def amount(case: Mapping[str, Any], field: str) -> Decimal:
    found: Decimal = read(money, case, field)
    return found


def whole(case: Mapping[str, Any], field: str) -> int:
    found: int = read(integer, case, field)
    return found


def read(reader: Any, case: Mapping[str, Any], field: str) -> Any:
    try:
        return reader(case.get(field, ""))
    except BadValue as bad:
        raise InputError([Problem.of(field, bad)]) from bad
