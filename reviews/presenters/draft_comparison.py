"""What a draft changes: field by field, and as two texts side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from incentives.policy.programme import Programme as Rules

AROUND = 3


@dataclass(frozen=True)
class FieldChange:
    """`before` or `after` is None where the field was not there."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class TextRow:
    """A line on each side with its number; `kind` is equal, replace, insert, delete or gap."""

    kind: str
    left_no: int | None = None
    left: str = ""
    right_no: int | None = None
    right: str = ""


def changed_fields(before: Rules, after: Rules) -> list[FieldChange]:
    old, new = dict(leaves(before.to_json())), dict(leaves(after.to_json()))
    return [
        FieldChange(path, old.get(path), new.get(path))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value by its path; items of a list that have an id are known by it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            name = item.get("id", index) if isinstance(item, dict) else index
            yield from leaves(item, f"{path}.{name}")
    else:
        yield path, str(value)


def side_by_side(before: str, after: str) -> list[TextRow]:
    """The changed lines with a few around them; what is left out between is one gap."""
    left, right = before.splitlines(), after.splitlines()
    rows: list[TextRow] = []
    for group in SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(AROUND):
        rows += [TextRow("gap")] if rows else []
        for kind, a, b, c, d in group:
            rows += [row(kind, left, right, a, b, c, d, step) for step in range(max(b - a, d - c))]
    return rows


def row(
    kind: str, left: list[str], right: list[str], a: int, b: int, c: int, d: int, step: int
) -> TextRow:
    here, there = a + step < b, c + step < d
    return TextRow(
        kind,
        a + step + 1 if here else None,
        left[a + step] if here else "",
        c + step + 1 if there else None,
        right[c + step] if there else "",
    )
