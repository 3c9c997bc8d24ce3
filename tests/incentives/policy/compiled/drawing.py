"""Random cases of any programme: its facts by their declarations, its own numbers plus or minus one
step, nothing, huge sums; and settings with any of them set or unset.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from incentives.policy import Programme, table_options
from incentives.policy.conditions import Recognition
from incentives.policy.questions import ChoiceFact, Fact, RosterFact
from incentives.policy.scalars import DATE, DIGITS
from incentives.policy.walk import Place, walk

STEPS = {"money": Decimal("0.01"), "integer": Decimal(1), "percent": Decimal("0.0001")}
HUGE = {
    "money": ["9999999999999999.99", "9223372036854775.80", "12345678901234.56"],
    "integer": ["999999999999999", "123456789"],
    "percent": ["1000%", "99999999%", "0.0000000001%", "33.3333%"],
}
TEXTS = ["甲", "X-1", "x 2"]


def numbers_of(written: dict[str, Any]) -> tuple[Decimal, ...]:
    """Every number written in the programme, and what a limit is at each of its rates."""
    read = [text for key in READ for text in scalars(written.get(key, ()))]
    plain = {Decimal(w.replace(",", "")) for w in read if DIGITS.fullmatch(w)}
    rates = {Decimal(w[:-1]) / 100 for w in read if w.endswith("%") and DIGITS.fullmatch(w[:-1])}
    rates |= {n for n in plain if 0 < n < 1}
    reached = {(n / r).quantize(STEPS["money"]) for n in plain for r in rates if r}
    return tuple(sorted(plain | rates | reached))


READ = ("conditions", "amount", "caps", "parameters", "assumptions", "derived", "round")


def scalars(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(key)
            yield from scalars(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from scalars(item)


def days_of(written: dict[str, Any]) -> tuple[date, ...]:
    found = (DATE.fullmatch(text) for text in scalars(written))
    days = {date(int(m[1]), int(m[3]), int(m[5])) for m in found if m}
    return tuple(sorted(days | {date(2021, 1, 1), date(2020, 2, 29)}))


@dataclass(frozen=True)
class Source:
    """A programme with the numbers and days it speaks of."""

    programme: Programme
    numbers: tuple[Decimal, ...]
    days: tuple[date, ...]

    @classmethod
    def of(cls, programme: Programme) -> "Source":
        written = programme.to_json()
        return cls(programme, numbers_of(written) or (Decimal(0),), days_of(written))


class Draw:
    """Draws from one source of randomness, so that a failing case can be drawn again."""

    def __init__(self, source: Source, random: Random) -> None:
        self.source = source
        self.programme = source.programme
        self.random = random
        self.on = self.day()

    def facts(self) -> dict[str, Any]:
        """Raw facts: most are given."""
        rate = self.random.choice([0, 0.02, 0.1, 0.3])
        return {
            key: self.value(key, fact)
            for key, fact in self.programme.given.items()
            if self.random.random() >= (0.9 if key in self.programme.derived else rate)
        }

    def value(self, key: str, fact: Fact) -> Any:
        if key == "recognitions":
            return self.recognitions()
        if isinstance(fact, RosterFact):
            return [self.row(fact) for _ in range(self.random.randint(1, 4))]
        return self.choice(key, fact) if isinstance(fact, ChoiceFact) else self.scalar(fact.type)

    def scalar(self, kind: str) -> Any:
        if kind in STEPS:
            return self.number(kind)
        drawn = {"boolean": self.random.random() < 0.8, "date": self.day().isoformat()}
        return self.year() if kind == "year" else drawn.get(kind, self.random.choice(TEXTS))

    def row(self, fact: RosterFact) -> dict[str, Any]:
        columns = fact.columns.items()
        return {k: self.value(k, c) for k, c in columns if self.random.random() < 0.95}

    def choice(self, key: str, fact: ChoiceFact) -> str:
        """Mostly a kind that may apply, or the first options."""
        if key == "applicant_kind" and self.random.random() < 0.9:
            return self.random.choice(self.programme.roles.applicant)
        return self.random.choice(list(fact.of))

    def recognitions(self) -> list[dict[str, str]]:
        wanted = [
            part
            for part, _ in walk(self.programme, Place((), self.programme.scope))
            if isinstance(part, Recognition)
        ]
        return [self.recognition(wanted) for _ in range(self.random.randint(0, 3))]

    def recognition(self, wanted: list[Recognition]) -> dict[str, str]:
        one = self.random.choice([*wanted, Recognition(title="other-title")])
        drawn = {
            "level": self.random.choice([*one.level, "city"]),
            "from": self.day().isoformat(),
            "until": self.day().isoformat(),
        }
        kept = {key: value for key, value in drawn.items() if self.random.random() < 0.7}
        return {"title": one.title, **kept}

    def day(self) -> date:
        near = self.random.choice(self.source.days)
        moved = near + timedelta(self.random.choice([-1, 0, 1, 30, 365, 366, -400, 730, 1096]))
        return min(max(moved, date(1900, 1, 2)), date(2199, 12, 30))

    def year(self) -> int:
        return self.random.choice([2019, 2020, 2021, 2022, 2023, 1999, self.on.year])

    def number(self, kind: str) -> str:
        """One of the programme's own, a step beside it, or any; in the form its type is read."""
        random = self.random
        if random.random() < 0.1:
            return random.choice([*HUGE[kind], "0"])
        near = random.choice(self.source.numbers)
        drawn = near + STEPS[kind] * random.choice([-1, 0, 0, 1, random.randint(0, 10**6)])
        return self.fit(max(drawn, Decimal(0)), kind)

    @staticmethod
    def fit(number: Decimal, kind: str) -> str:
        if kind == "percent":
            return f"{(number % 10 * 100).quantize(STEPS['percent']):f}%"
        whole = number.quantize(STEPS[kind])
        return f"{min(whole, Decimal(10) ** 14):f}"

    def settings(self) -> dict[str, Any]:
        """The file's own, or each parameter set, left or unset, and any of the readings."""
        if self.random.random() < 0.1:
            return {}
        taken = {k: self.random.choice(a.readings) for k, a in self.programme.assumptions.items()}
        unset = self.random.choice([0, 0, 0, 0.3])
        for name, parameter in self.programme.parameters.items():
            if self.random.random() < unset:
                taken[name] = "unset"
            elif parameter.value is None or self.random.random() < 0.3:
                taken[name] = self.setting(name, parameter.type)
        return taken

    def setting(self, name: str, kind: str) -> Any:
        if kind in {"money", "integer"}:
            return self.number(kind)
        if kind == "rate":
            return self.rate()
        if kind == "date":
            return self.day().isoformat()
        if kind == "text_list":
            return self.random.sample(TEXTS, 2)
        if kind in {"table", "rates_table"}:
            return self.table(name, kind)
        return self.bands("amount" if kind == "bands" else "rate")

    def rate(self) -> str:
        return f"{self.random.randint(0, 120)}.{self.random.randint(0, 9)}%"

    def table(self, name: str, kind: str) -> dict[str, str]:
        keys = table_options(self.programme, name) or ("1", "2", "3")
        return {k: self.number("money") if kind == "table" else self.rate() for k in keys}

    def bands(self, worth: str) -> list[dict[str, str]]:
        drawn = {Decimal(self.number("integer")) for _ in range(3)}
        edges = sorted({Decimal(self.random.choice([0, 5])), *drawn})
        ends = [*edges[1:], None]
        return [
            {
                "from": str(edge),
                **({} if end is None else {"to": str(end)}),
                worth: self.number("money") if worth == "amount" else self.rate(),
            }
            for edge, end in zip(edges, ends, strict=True)
        ]
