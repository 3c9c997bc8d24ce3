"""Facts, tests, tables and settings of a programme: each name exists and fits where it stands."""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from .checks import Checker
from .conditions import FITS, NUMBERS, FactTest, OtherFact
from .nodes import (
    By,
    ByBand,
    ByRateBand,
    ByRates,
    ByTable,
    FactNode,
    Listed,
    Match,
    PerHead,
    RateFact,
    SumOver,
)
from .positions import Ref
from .questions import ChoiceFact, Fact, RangedFact, RosterFact
from .scalars import read_scalar
from .settings import read_setting
from .text import BadValue, text
from .walk import Place, reads

SETTING_OF = {"money": "money", "integer": "integer", "year": "integer", "percent": "rate"}
COUNTED = {"integer", "year"}
TABLED = {"choice", "boolean"} | COUNTED


@singledispatch
def check_part(part: Any, place: Place, checker: Checker) -> None:
    """Most parts need no more than their own model."""


@check_part.register
def _(part: RangedFact, place: Place, checker: Checker) -> None:
    for name in ("minimum", "maximum"):
        written = getattr(part, name)
        if written is not None:
            readable(part.type, written, place.at(name), checker)


def readable(kind: str, written: Any, place: Place, checker: Checker) -> None:
    try:
        read_scalar(kind, written)
    except BadValue as error:
        checker.bad(place.loc, error)


@check_part.register
def _(part: FactTest, place: Place, checker: Checker) -> None:
    fact = checker.fact(part.fact, place.at("fact"), FITS[part.operator])
    if fact is None or isinstance(fact, RosterFact):
        return
    operand, there = part.operand(part.operator), place.at(part.operator)
    if isinstance(operand, OtherFact):
        checker.fact(operand.fact, there.at("fact"), {fact.type})
    if isinstance(operand, Ref):
        checker.reference(operand, there.loc, lambda r: [value(fact, v, there) for v in r])
    for written in operand if isinstance(operand, tuple) else [operand]:
        if isinstance(written, str):
            check_operand(fact, written, there, checker)


def check_operand(fact: Fact, written: str, place: Place, checker: Checker) -> None:
    if written.startswith("@"):
        type_ = SETTING_OF.get(fact.type, fact.type)
        checker.reference(Ref(written[1:], type_), place.loc, lambda r: value(fact, r, place))
        return
    try:
        value(fact, written, place)
    except BadValue as error:
        checker.bad(place.loc, error)


def value(fact: Fact, written: Any, place: Place) -> object:
    """Read a value by its fact; an option must be one of the choice's own."""
    read = read_scalar(fact.type, written)
    if isinstance(fact, ChoiceFact) and read not in fact.of:
        known = ", ".join(fact.of)
        raise BadValue(
            text(f"“{written}”不是该事实的选项", f"'{written}' is no option of the fact"),
            text(f"请写以下之一：{known}", f"write one of: {known}"),
        )
    return read


@check_part.register(ByTable)
@check_part.register(ByRates)
@check_part.register(By)
def _(part: ByTable | ByRates | By, place: Place, checker: Checker) -> None:
    fact = checker.fact(part.by, place.at("by"), TABLED)
    if fact is None:
        return
    if isinstance(part.table, Ref):
        check_named_table(part.table, part.by, fact, place.at("table"), checker)
    else:
        same_keys(fact, part.table, place.at("table"), checker)


def check_named_table(ref: Ref, by: str, fact: Fact, place: Place, checker: Checker) -> None:
    parameter = checker.programme.parameters.get(ref.name)
    if parameter is None or parameter.type != ref.type:
        return
    if parameter.value is not None:
        same_keys(fact, parameter.read, Place(("parameters", ref.name, "value"), {}), checker)
    if parameter.keys_of not in (None, by):
        checker.fault(
            ("parameters", ref.name, "keys_of"),
            text(f"该表按“{by}”查找", f"the table is looked up by '{by}'"),
            text(f"请写 keys_of: {by}", f"write keys_of: {by}"),
        )


def options(fact: Fact) -> tuple[str, ...]:
    """The keys a table on the fact must have; none are prescribed where it is a number."""
    if isinstance(fact, ChoiceFact):
        return tuple(fact.of)
    return ("true", "false") if fact.type == "boolean" else ()


def numbers_as_keys(fact: Fact, table: Iterable[str]) -> None:
    """A table on a whole number or year has such numbers as keys; raises BadValue."""
    for key in table:
        if str(read_scalar(fact.type, key)) != key:
            raise BadValue(
                text(f"键“{key}”不是整数", f"key '{key}' is no plain whole number"),
                text("请写成 1 或 2021", "write it as 1 or 2021"),
            )


def same_keys(fact: Fact, table: Iterable[str], place: Place, checker: Checker) -> None:
    wanted, found = options(fact), set(table)
    if fact.type in COUNTED:
        try:
            numbers_as_keys(fact, table)
        except BadValue as error:
            checker.bad(place.loc, error)
    elif found != set(wanted):
        lacking = ", ".join(k for k in wanted if k not in found) or "-"
        excess = ", ".join(sorted(found - set(wanted))) or "-"
        checker.fault(
            place.loc,
            text(
                f"表的键与选项不一致（缺：{lacking}；多：{excess}）",
                f"the keys are not the fact's options (missing: {lacking}; in excess: {excess})",
            ),
            text(f"请恰好写出：{', '.join(wanted)}", f"write exactly: {', '.join(wanted)}"),
        )


@check_part.register(ByBand)
@check_part.register(ByRateBand)
def _(part: ByBand | ByRateBand, place: Place, checker: Checker) -> None:
    checker.fact(part.by_band, place.at("by_band"), NUMBERS)


@check_part.register
def _(part: FactNode, place: Place, checker: Checker) -> None:
    fact = checker.fact(part.fact, place, {"money"})
    if fact is not None and part.missing is not None and not fact.optional:
        checker.fault(
            place.at("missing").loc,
            text(f"“{part.fact}”为必填", f"'{part.fact}' has to be given"),
            text(
                "请在该事实写 optional: true，或删去 missing",
                "write optional: true at the fact, or drop `missing`",
            ),
        )


@check_part.register
def _(part: RateFact, place: Place, checker: Checker) -> None:
    checker.fact(part.fact, place.at("fact"), {"percent"})


@check_part.register
def _(part: Listed, place: Place, checker: Checker) -> None:
    names = set(reads(part))
    if part.missing is None or any(f.optional for n, f in place.scope.items() if n in names):
        return
    if names & checker.programme.derived.keys():  # its own facts may be optional
        return
    checker.fault(
        place.at("missing").loc,
        text("各项所用的事实均为必填", "every fact of the parts has to be given"),
        text(
            "请在可不填的事实写 optional: true，或删去 missing",
            "write optional: true at a fact that may be left empty, or drop `missing`",
        ),
    )


@check_part.register
def _(part: Match, place: Place, checker: Checker) -> None:
    checker.fact(part.match, place.at("match"), {"money"})


@check_part.register
def _(part: PerHead, place: Place, checker: Checker) -> None:
    checker.fact(part.per_head, place.at("per_head"), {"integer", "roster"})


@check_part.register
def _(part: SumOver, place: Place, checker: Checker) -> None:
    checker.fact(part.sum_over, place.at("sum_over"), {"roster"})


WORDS_OF = {"period": ("life", "year"), "rule": ("highest", "once", "warn")}


@check_part.register
def _(part: Ref, place: Place, checker: Checker) -> None:
    checker.reference(part, place.loc, lambda reading: read_at(part, place, reading))


def read_at(ref: Ref, place: Place, reading: Any) -> object:
    if ref.type == "text":
        return read_word(str(place.loc[-1]), reading)
    return read_setting(ref.type, reading)


def read_word(position: str, reading: Any) -> object:
    if position == "per" and not isinstance(reading, tuple):
        raise BadValue(
            text(f"“{reading}”不是列表", f"'{reading}' is no list"),
            text("请写成 [applicant] 或 []", "write a list such as [applicant], or []"),
        )
    allowed = WORDS_OF.get(position)
    if allowed is not None and reading not in allowed:
        raise BadValue(
            text(f"“{reading}”不能放在 {position}", f"'{reading}' is no {position}"),
            text(f"请写 {'、'.join(allowed)}", f"write {' or '.join(allowed)}"),
        )
    return reading
