"""What a part of a programme stands on when lowered: facts in sight and settings in force."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..overrides import Settings
from ..positions import Ref
from ..questions import Fact, RosterFact
from .building import every, negated, some, some_row
from .form import NO, Given, Name, NotCompiled, Number, Settled, Truth, Var

EXACT_PERCENT = 24
"""Places of a fraction that hold every percentage the interpreter reads."""

MONEY_PLACES = 2


@dataclass(frozen=True)
class Lack:
    """When facts are missing (and when one that may not be left empty), when settings are unset."""

    missing: Truth = NO
    required: Truth = NO
    unset: Truth = NO

    def among(self, *others: "Lack") -> "Lack":
        found = (self, *others)
        return Lack(
            some(lack.missing for lack in found),
            some(lack.required for lack in found),
            some(lack.unset for lack in found),
        )

    def only_if(self, truth: Truth) -> "Lack":
        return self.each(lambda found: every([truth, found]))

    def in_rows(self, roster: Name) -> "Lack":
        """What lacks in any row."""
        return self.each(lambda found: some_row(roster, found))

    def each(self, change: Callable[[Truth], Truth]) -> "Lack":
        return Lack(change(self.missing), change(self.required), change(self.unset))

    @property
    def none(self) -> Truth:
        return every([negated(self.missing), negated(self.unset)])

    @property
    def only_optional(self) -> Truth:
        """Nothing lacks but facts that may be left empty."""
        return every([self.missing, negated(self.required), negated(self.unset)])


NOTHING_LACKS = Lack()


def unset_if(value: object) -> Lack:
    return Lack(unset=Settled(value is None))


@dataclass(frozen=True)
class Standing:
    """What a derived value lacks where it is not known, and its places."""

    lack: Lack
    places: int


@dataclass(frozen=True)
class Ground:
    """The compiled counterpart of a case: its facts are names, its settings are known.

    `by_name` is said where what lacks is told by the names of facts: a column is then as optional
    as its roster.
    """

    scope: Mapping[str, Fact]
    settings: Settings
    percent_places: int = EXACT_PERCENT
    derived: Mapping[str, Standing] = field(default_factory=dict)
    by_name: bool = False
    roster: str | None = None
    columns: frozenset[str] = frozenset()

    def name(self, key: str) -> Name:
        if key in self.columns:
            return Name(key, self.roster)
        return Name(key, derived=key in self.derived)

    def given(self, key: str) -> Truth:
        return Given(self.name(key))

    def lacks(self, key: str, *, by_name: bool = False) -> Lack:
        name = self.name(key)
        if name.derived:
            return self.derived[key].lack
        told_by = name.roster if name.roster and (by_name or self.by_name) else key
        missing = negated(Given(name))
        return Lack(missing, NO if self.scope[told_by].optional else missing)

    def number(self, key: str) -> Number:
        return Var(self.name(key), self.places(key))

    def places(self, key: str) -> int:
        if self.name(key).derived:
            return self.derived[key].places
        return {"money": MONEY_PLACES, "percent": self.percent_places}.get(self.scope[key].type, 0)

    def setting(self, value: Any) -> Any:
        """A written value as it is; for a reference the setting, None where it is unset."""
        return self.settings.value(value) if isinstance(value, Ref) else value

    def row(self, roster: str) -> "Ground":
        """Seen from a roster's row: its columns stand before the facts."""
        fact = self.scope[roster]
        if self.roster or not isinstance(fact, RosterFact):
            raise NotCompiled(f"the rows of '{roster}' inside the rows of another roster")
        scope = {**self.scope, **fact.columns}
        return replace(self, scope=scope, roster=roster, columns=frozenset(fact.columns))
