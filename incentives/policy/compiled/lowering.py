"""A programme with its settings, lowered: the whole case as a few plain truths and numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..assessment import bites
from ..caps import Cap
from ..conditions import AllOf, Condition
from ..examples import Decision
from ..nodes import NodeBase
from ..overrides import Settings, read_settings
from ..programme import Programme
from .building import among, every, least, negated, pick, plus, rounded, some
from .form import YES, Let, NotCompiled, Number, Truth
from .ground import EXACT_PERCENT, MONEY_PLACES, NOTHING_LACKS, Ground, Lack
from .lower_amounts import worth
from .lower_conditions import Verdict, judged
from .lower_derived import derived
from .lower_lookup import looked_up
from .parts import names_in
from .worth import Worth, of_ends

Priced = tuple[Number | None, Number | None, Lack]


@dataclass(frozen=True)
class Lowered:
    """The decision is the first that applies: a condition fails, `unset`, `missing`, the amount.

    `low` and `high` are fen after the caps on an empty history; None where no sum is worked out.
    """

    programme: Programme
    settings: Settings
    lets: tuple[Let, ...]
    conditions: tuple[Verdict, ...]
    missing: Truth
    unset: Truth
    low: Number | None
    high: Number | None

    @property
    def parts(self) -> tuple[Number | Truth, ...]:
        """Everything a back end has to write, but for the derived values."""
        sums = (number for number in (self.low, self.high) if number is not None)
        return (self.fails, self.unset, self.missing, self.decided, *sums)

    @property
    def grants(self) -> Decision:
        """What a case that leaves nothing to choose comes to."""
        return "eligible" if self.programme.round is None else "pending_round"

    @property
    def fails(self) -> Truth:
        return some(verdict.no for verdict in self.conditions)

    @property
    def decided(self) -> Truth:
        """Whether the case is eligible, but for what is left to choose."""
        holds = every(verdict.yes for verdict in self.conditions)
        return every([holds, negated(self.unset), negated(self.missing)])


def lower(
    programme: Programme,
    settings: Mapping[str, Any] | None = None,
    *,
    percent_places: int = EXACT_PERCENT,
) -> Lowered:
    """Raises InputError for settings that cannot be read, NotCompiled for what has no such form."""
    taken = read_settings(programme, {} if settings is None else settings)
    ground, lets = derived(programme, Ground(programme.scope, taken, percent_places))
    verdicts = (kind_verdict(programme, ground), *conditions(programme.conditions, ground))
    low, high, lack = priced(programme, ground) if programme.amount else asked(programme, ground)
    lack = lack.among(ranked(programme, ground), *(verdict.lack for verdict in verdicts))
    found = Lowered(programme, taken, (), verdicts, lack.missing, lack.unset, low, high)
    return replace(found, lets=tuple(needed(lets, found)))


def needed(lets: list[Let], lowered: Lowered) -> list[Let]:
    """The derived values that the case, or one that it needs, reads."""
    kept: list[Let] = []
    for let in reversed(lets):
        if let.name in names_in((*lowered.parts, *kept)):
            kept.insert(0, let)
    return kept


def ranked(programme: Programme, ground: Ground) -> Lack:
    """A round needs the fact it ranks by."""
    by = programme.round and programme.round.rank and programme.round.rank.by
    return ground.lacks(by) if by else NOTHING_LACKS


def kind_verdict(programme: Programme, ground: Ground) -> Verdict:
    """Who may apply is judged once the applicant is known."""
    name, kinds = ground.name("applicant_kind"), frozenset(programme.roles.applicant)
    fails = every([ground.given(name.key), negated(among(name, kinds))])
    return Verdict(negated(fails), fails)


def conditions(written: tuple[Condition, ...], ground: Ground) -> Iterator[Verdict]:
    """All must hold, so those of an all_of stand by themselves."""
    for condition in written:
        if isinstance(condition, AllOf):
            yield from conditions(condition.all_of, ground)
        else:
            yield judged(condition, ground)


def priced(programme: Programme, ground: Ground) -> Priced:
    """The sum of the components, rounded once, then the caps in order."""
    exact = of_ends([worth(node, ground) for node in programme.amount], plus)
    amount = exact.each(lambda number: rounded(number, MONEY_PLACES))
    lack = amount.lack
    for cap in programme.caps:
        applies = judged(cap.when, ground)
        limit = limit_of(cap, ground).only_if(negated(applies.no))
        lack = lack.among(applies.lack, limit.lack)
        if cuts(cap, programme, ground):
            amount = capped(amount, limit.low, applies.yes)
    return amount.low, amount.high, lack


def limit_of(cap: Cap, ground: Ground) -> Worth:
    if cap.unit == "rows":
        raise NotCompiled("a cap counts the rows of a case")
    if not isinstance(cap.limit, NodeBase):
        return looked_up(cap.limit, ground)
    return worth(cap.limit, ground).each(lambda number: rounded(number, MONEY_PLACES))


def cuts(cap: Cap, programme: Programme, ground: Ground) -> bool:
    return bites(cap.unit, tuple(ground.setting(cap.per)), programme)


def capped(amount: Worth, limit: Number, applies: Truth) -> Worth:
    def cut(number: Number) -> Number:
        below = least([number, limit])
        return below if applies == YES else pick([(applies, below)], number)

    return amount.each(cut)


def asked(programme: Programme, ground: Ground) -> Priced:
    """Where no sum is worked out, a case is known once every fact asked for is given."""
    lacks = [NOTHING_LACKS]
    for key, fact in programme.facts.items():
        if not fact.optional:
            asking = judged(fact.asked_if, ground)
            lacks += [asking.lack, ground.lacks(key).only_if(asking.yes)]
    return None, None, NOTHING_LACKS.among(*lacks)
