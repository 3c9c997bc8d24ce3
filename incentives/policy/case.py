"""One case while its amount is worked out: what it knows, and what it finds it still needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from . import explain
from .conditions import Condition
from .facts import Row
from .interval import Interval
from .judge import Sight, Verdict, judge
from .positions import Ref
from .questions import RosterFact
from .result import OpenChoice, Step
from .scalars import to_fen
from .text import Text


@dataclass(frozen=True)
class Case:
    """The lists are shared with the cases of a roster's rows, so that nothing found is lost."""

    sight: Sight
    choices: Mapping[str, object]
    explained: bool = True
    steps: list[Step] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    unset: set[str] = field(default_factory=set)
    open: dict[str, OpenChoice] = field(default_factory=dict)
    reached: dict[str, list[OpenChoice]] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)

    def fact(self, name: str) -> Any:
        """The fact's value, or None after noting that it is missing."""
        value = self.sight.facts.get(name)
        if value is None:
            self.note(self.sight.lacking(name))
        return value

    def setting(self, value: Any) -> Any:
        """A written value as it is; for a reference the setting, or None after noting it unset."""
        if not isinstance(value, Ref):
            return value
        found = self.sight.settings.value(value)
        if found is None:
            self.unset.add(value.name)
        return found

    def holds(self, condition: Condition | None) -> bool | None:
        if condition is None:
            return True
        verdict = judge(condition, self.sight)
        self.note(verdict)
        return verdict.truth

    def note(self, verdict: Verdict) -> None:
        self.missing.update(verdict.missing)
        self.unset.update(verdict.unset)

    def row(self, roster: str, row: Row) -> "Case":
        """The same case seen from one row: its columns stand before the facts."""
        fact = self.sight.scope[roster]
        columns = fact.columns if isinstance(fact, RosterFact) else {}
        outside = {k: v for k, v in self.sight.facts.items() if k not in columns}
        sight = replace(
            self.sight,
            scope={**self.sight.scope, **columns},
            facts={**outside, **row},
            roster=roster,
            columns=frozenset(columns),
        )
        return replace(self, sight=sight)

    def step(self, id_: str, amount: Interval, say: Callable[[], Text]) -> None:
        if self.explained:
            self.steps.append(Step(id_, say(), to_fen(amount.low), to_fen(amount.high)))

    def base(self, name: str, amount: Decimal) -> Text:
        """A fact and its sum, as they stand in a step."""
        return explain.named(self.sight.scope[name].label, explain.yuan(amount))
