"""One case while its amount is worked out: what it knows, and what it finds it still needs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import explain
from .conditions import Condition
from .facts import Row
from .interval import Interval
from .judge import Sight, Verdict, judge
from .positions import Ref
from .questions import RosterFact
from .result import OpenChoice, RowLine, Step
from .scalars import to_fen
from .text import Text

if TYPE_CHECKING:
    from .history import History


@dataclass(frozen=True)
class Case:
    """The lists are shared with the cases of a roster's rows, so that nothing found is lost.

    `required` are those of the missing facts that may not be left empty.
    """

    sight: Sight
    choices: Mapping[str, object]
    explained: bool = True
    history: "History | None" = None
    steps: list[Step] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    unset: set[str] = field(default_factory=set)
    open: dict[str, OpenChoice] = field(default_factory=dict)
    reached: dict[str, list[OpenChoice]] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)
    rows: list[RowLine] = field(default_factory=list)
    cut_rows: dict[str, Decimal] = field(default_factory=dict)
    recover: list[Interval] = field(default_factory=list)

    def fact(self, name: str) -> Any:
        """The fact's value, or None after noting that it is missing."""
        value = self.sight.facts.get(name)
        if value is None:
            lacks = self.sight.lacking(name)
            self.missing.update(lacks.missing)
            self.unset.update(lacks.unset)
            if name in self.sight.open:
                self.required.update(self.needed(lacks.missing))
            elif not self.sight.scope[name].optional:
                self.required.update(lacks.missing)
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
        self.required.update(self.needed(verdict.missing))
        self.unset.update(verdict.unset)

    def needed(self, names: Iterable[str]) -> set[str]:
        return {name for name in names if not self.sight.scope[name].optional}

    def apart(self) -> "Case":
        """The same case, noting for itself what it lacks and the steps it takes."""
        return replace(self, missing=set(), required=set(), unset=set(), steps=[])

    def join(self, other: "Case") -> None:
        self.missing.update(other.missing)
        self.required.update(other.required)
        self.unset.update(other.unset)
        self.steps.extend(other.steps)

    def row(self, roster: str, row: Row) -> "Case":
        """The same case seen from one row: its columns stand before the facts."""
        return replace(self, sight=row_sight(self.sight, roster, row))

    def step(self, id_: str, amount: Interval, say: Callable[[], Text]) -> None:
        if self.explained:
            self.steps.append(Step(id_, say(), to_fen(amount.low), to_fen(amount.high)))

    def base(self, name: str, amount: Decimal) -> Text:
        """A fact and its sum, as they stand in a step."""
        return explain.named(self.sight.scope[name].label, explain.yuan(amount))


def row_sight(sight: Sight, roster: str, row: Row) -> Sight:
    fact = sight.scope[roster]
    columns = fact.columns if isinstance(fact, RosterFact) else {}
    outside = {k: v for k, v in sight.facts.items() if k not in columns}
    return replace(
        sight,
        scope={**sight.scope, **columns},
        facts={**outside, **row},
        roster=roster,
        columns=frozenset(columns),
    )
