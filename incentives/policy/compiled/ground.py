"""What a part of a programme stands on when lowered: facts in sight and settings in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..overrides import Settings
from ..positions import Ref
from ..questions import Fact, RosterFact
from .building import every, negated, some
from .form import NO, Given, Name, NotCompiled, Number, Settled, Truth, Var

EXACT_PERCENT = 24
"""Places of a fraction that hold every percentage the interpreter reads."""

MONEY_PLACES = 2


@dataclass(frozen=True)
class Lack:
    """When facts are missing, and when settings are unset, that are needed here."""

    missing: Truth = NO
    unset: Truth = NO

    def among(self, *others: "Lack") -> "Lack":
        found = (self, *others)
        return Lack(some(lack.missing for lack in found), some(lack.unset for lack in found))

    def only_if(self, truth: Truth) -> "Lack":
        return Lack(every([truth, self.missing]), every([truth, self.unset]))

    @property
    def none(self) -> Truth:
        return every([negated(self.missing), negated(self.unset)])


NOTHING_LACKS = Lack()


def unset_if(value: object) -> Lack:
    return Lack(unset=Settled(value is None))


@dataclass(frozen=True)
class Ground:
    """The compiled counterpart of a case: its facts are names, its settings are known."""

    scope: Mapping[str, Fact]
    settings: Settings
    percent_places: int = EXACT_PERCENT
    roster: str | None = None
    columns: frozenset[str] = frozenset()

    def name(self, key: str) -> Name:
        return Name(key, self.roster if key in self.columns else None)

    def given(self, key: str) -> Truth:
        return Given(self.name(key))

    def lacks(self, key: str) -> Lack:
        return Lack(missing=negated(self.given(key)))

    def number(self, key: str) -> Number:
        return Var(self.name(key), self.places(key))

    def places(self, key: str) -> int:
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
