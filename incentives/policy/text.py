"""Sentences in both languages, and the errors that carry them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Loc = tuple[str | int, ...]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Model(BaseModel):
    """What every part of a programme is: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(Model):
    zh: Words
    en: Words

    def __str__(self) -> str:
        return self.en


def text(zh: str, en: str) -> Text:
    """Build without validation: for sentences made in code, which are never empty."""
    return Text.model_construct(zh=zh, en=en)


def join(parts: Iterable[Text], zh: str = "，", en: str = ", ") -> Text:
    parts = list(parts)
    return text(zh.join(p.zh for p in parts), en.join(p.en for p in parts))


class BadValue(ValueError):
    """One value that cannot be read: what is wrong with it and what to write instead."""

    def __init__(self, problem: Text, expected: Text) -> None:
        super().__init__(f"{problem.en}; {expected.en}")
        self.problem = problem
        self.expected = expected


@dataclass(frozen=True)
class Problem:
    """A fault in what was submitted; `field` is a path such as facts.scheme or choices.rate."""

    field: str
    problem: Text
    expected: Text

    @classmethod
    def of(cls, field: str, bad: BadValue) -> "Problem":
        return cls(field, bad.problem, bad.expected)

    def to_json(self) -> dict[str, object]:
        return {
            "field": self.field,
            "problem": self.problem.model_dump(),
            "expected": self.expected.model_dump(),
        }


class InputError(ValueError):
    """Everything wrong with the facts, choices or settings of one case, in the order found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{p.field}: {p.problem.en}; {p.expected.en}" for p in self.problems)
        )
