"""Submitted facts, normalised and checked by their type; what is wrong is said field by field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from .programme import Programme
from .questions import ChoiceFact, Column, Fact, RangedFact, RosterFact
from .scalars import Scalar, literal, plain, read_scalar, wrong
from .text import BadValue, InputError, Problem, text

Row = Mapping[str, Scalar]
Value = Scalar | tuple[Row, ...]
Values = Mapping[str, Value]
LONGEST_ROSTER = 10_000
BOUNDS = {
    "minimum": ("小于最小值", "is below the least allowed", "不小于", "at least"),
    "maximum": ("大于最大值", "is above the most allowed", "不大于", "at most"),
}


def read_facts(programme: Programme, raw: Mapping[str, Any]) -> dict[str, Value]:
    """Facts by key, in the programme's order: money as Decimal yuan, percent as a fraction.

    Empty values are left out. Raises InputError listing every field that cannot be read.
    """
    must_be_mapping("facts", raw)
    problems = [unknown(programme, key) for key in raw if key not in programme.given]
    values: dict[str, Value] = {}
    for key, fact in programme.given.items():
        if not is_empty(raw.get(key)) or none_held(key, raw):
            read_one(key, fact, raw[key], values, problems)
    if problems:
        raise InputError(problems)
    return values


def none_held(key: str, raw: Mapping[str, Any]) -> bool:
    """The registers may say that nothing is held: an empty list of recognitions is an answer."""
    return key == "recognitions" and raw.get(key) in ([], ())


def must_be_mapping(field: str, raw: object) -> None:
    if not isinstance(raw, Mapping):
        expected = text("请写成 {名称: 值}", "write a mapping {name: value}")
        raise InputError([Problem(field, text("不是键值", "is no mapping"), expected)])


def is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not plain(value)) or value in ([], ())


def unknown(programme: Programme, key: str) -> Problem:
    known = ", ".join(programme.facts) or "-"
    return Problem(
        f"facts.{key}",
        text(f"该政策事项不问“{key}”", f"the programme does not ask for '{key}'"),
        text(f"请写以下之一：{known}", f"write one of: {known}"),
    )


def read_one(
    key: str, fact: Fact, raw: Any, values: dict[str, Value], problems: list[Problem]
) -> None:
    if isinstance(fact, RosterFact):
        values[key] = read_roster(f"facts.{key}", fact, raw, problems)
        return
    try:
        values[key] = read_fact(fact, raw)
    except BadValue as error:
        problems.append(Problem.of(f"facts.{key}", error))


def read_fact(fact: Column, raw: object) -> Scalar:
    """One value by its fact's type, options and bounds; raises BadValue."""
    value = read_scalar(fact.type, raw)
    if isinstance(fact, ChoiceFact) and value not in fact.of:
        zh = "、".join(f"{k}（{label.zh}）" for k, label in fact.of.items())
        en = ", ".join(f"{k} ({label.en})" for k, label in fact.of.items())
        raise wrong(
            raw, "不是选项", "is no option", text(f"请写以下之一：{zh}", f"write one of: {en}")
        )
    if isinstance(fact, RangedFact):
        check_bounds(fact, raw, value)
    return value


def check_bounds(fact: RangedFact, raw: object, value: Any) -> None:
    for name, (zh, en, expect_zh, expect_en) in BOUNDS.items():
        written = getattr(fact, name)
        if written is None:
            continue
        bound: Any = literal(fact.type, written)
        if (value < bound) if name == "minimum" else (value > bound):
            expected = text(f"请填写{expect_zh} {written} 的值", f"write {expect_en} {written}")
            raise wrong(raw, zh, en, expected)


def read_roster(field: str, fact: RosterFact, raw: Any, problems: list[Problem]) -> tuple[Row, ...]:
    columns = ", ".join(fact.columns)
    expected = text(f"请逐行填写 {columns}", f"write a list of rows with {columns}")
    if not isinstance(raw, list | tuple) or len(raw) > LONGEST_ROSTER:
        problems.append(Problem(field, text("不是名单", "is no list of rows"), expected))
        return ()
    return tuple(read_row(f"{field}.{i}", fact, row, problems) for i, row in enumerate(raw))


def read_row(field: str, fact: RosterFact, raw: Any, problems: list[Problem]) -> Row:
    columns = ", ".join(fact.columns)
    expected = text(f"请填写 {columns}", f"write {columns}")
    if not isinstance(raw, Mapping):
        problems.append(Problem(field, text("不是一行", "is no row"), expected))
        return {}
    excess = sorted(map(str, raw.keys() - fact.columns.keys()))
    none_such = text("没有此列", "is no column")
    problems += [Problem(f"{field}.{key}", none_such, expected) for key in excess]
    row: dict[str, Scalar] = {}
    for key, column in fact.columns.items():
        if not is_empty(raw.get(key)):
            try:
                row[key] = read_fact(column, raw[key])
            except BadValue as error:
                problems.append(Problem.of(f"{field}.{key}", error))
    return row


def shown(value: Value) -> str:
    """A value as text, for JSON and for keys: dates ISO, booleans true or false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return f"{len(value)}" if isinstance(value, tuple) else f"{value}"
