"""The names under which history is counted: one text key for each cap and each event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from .caps import Cap, SameEvent
from .case import Case
from .facts import read_facts, shown
from .judge import Sight
from .lookup import looked_up
from .overrides import read_settings
from .programme import Programme
from .scalars import key_text
from .text import InputError, Problem, Text, text

ESCAPED = str.maketrans({"%": "%25", ":": "%3A", "=": "%3D", "|": "%7C"})


@dataclass(frozen=True)
class CapRequest:
    """Room asked for under one cap; `year` is the cap year, None for life.

    `limit` is in yuan, or a count where unit is awards; `per` names what it is counted on.
    """

    cap_id: str
    key: str
    per: tuple[str, ...]
    limit: Decimal
    unit: str
    year: int | None
    label: Text
    printed: bool


@dataclass(frozen=True)
class EventRequest:
    """What this case is entitled to (yuan) for one instance of an event, and the rule between."""

    group: str
    key: str
    rule: str
    entitlement: Decimal


class Limit(Protocol):
    """A cap request, or a cap line of an assessment whose limit is known."""

    @property
    def limit(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True)
class Granted:
    """`amount` is what is left of the assessed yuan; `cuts` what each limit took, in order."""

    amount: Decimal
    cuts: tuple[Decimal, ...]


class Namer:
    """Reads the facts, roles and settings of one case, and names what it is counted under."""

    def __init__(
        self,
        programme: Programme,
        facts: Mapping[str, Any],
        roles: Mapping[str, str],
        settings: Mapping[str, Any],
    ) -> None:
        self.programme = programme
        self.roles = roles
        taken = read_settings(programme, settings)
        sight = Sight(date.min, programme.scope, read_facts(programme, facts), taken)
        self.case = Case(sight, {}, explained=False)

    def value(self, name: str) -> str:
        """A role's or a fact's value as it stands in a key."""
        if name in self.roles:
            return key_text(self.roles[name]).translate(ESCAPED)
        if name in {"applicant", "payee"} or (name == "subject" and not self.subject):
            raise lacking(f"roles.{name}")
        key = self.subject if name == "subject" else name
        found = self.case.fact(key or name)
        if found is None:
            raise lacking(f"facts.{key}")
        return key_text(shown(found)).translate(ESCAPED)

    @property
    def subject(self) -> str | None:
        return self.programme.roles.subject

    def holds(self, part: Cap | SameEvent) -> bool:
        truth = self.case.holds(part.when)
        if truth is None:
            raise self.needs()
        return truth

    def limit(self, cap: Cap) -> Decimal:
        limit = looked_up(cap.limit, self.case)
        if limit is None:
            raise self.needs()
        return limit

    def needs(self) -> InputError:
        fields = [f"facts.{name}" for name in sorted(self.case.missing)]
        fields += [f"settings.{name}" for name in sorted(self.case.unset)]
        return lacking(*fields)

    def year(self, cap: Cap, approval_year: int) -> int | None:
        if self.case.setting(cap.period) == "life":
            return None
        of = str(self.case.setting(cap.year_of))
        return approval_year if of == "approval" else int(self.value(of))


def lacking(*fields: str) -> InputError:
    problem = text("未填写", "is missing")
    expected = text("请填写后再计入上限", "give it before caps are counted")
    return InputError(Problem(field, problem, expected) for field in fields)


def cap_requests(
    programme: Programme,
    facts: Mapping[str, Any],
    roles: Mapping[str, str],
    settings: Mapping[str, Any],
    approval_year: int,
) -> list[CapRequest]:
    """What each cap that applies is asked for, such as `cap:<programme>:<cap>:subject=ABC:2026`.

    `roles` gives applicant, payee and, where no fact names it, subject. Raises InputError for
    what is missing.
    """
    namer = Namer(programme, facts, roles, settings)
    return [cap_request(namer, cap, approval_year) for cap in programme.caps if namer.holds(cap)]


def cap_request(namer: Namer, cap: Cap, approval_year: int) -> CapRequest:
    year = namer.year(cap, approval_year)
    per = tuple(sorted(namer.case.setting(cap.per)))
    counted = [f"{name}={namer.value(name)}" for name in per]
    parts = ["cap", namer.programme.code, cap.id, *counted, *([str(year)] if year else [])]
    return CapRequest(
        cap_id=cap.id,
        key=":".join(parts),
        per=per,
        limit=namer.limit(cap),
        unit=cap.unit,
        year=year,
        label=cap.label,
        printed=cap.printed,
    )


def event_requests(
    programme: Programme,
    facts: Mapping[str, Any],
    roles: Mapping[str, str],
    settings: Mapping[str, Any],
    entitlement: Decimal,
) -> list[EventRequest]:
    """The events this case rewards; the key holds values only, so that programmes meet on it."""
    namer = Namer(programme, facts, roles, settings)
    return [
        EventRequest(
            group=event.group,
            key=":".join(["event", event.group, "|".join(map(namer.value, event.instance))]),
            rule=str(namer.case.setting(event.rule)),
            entitlement=entitlement,
        )
        for event in programme.same_event
        if namer.holds(event)
    ]


def granted(assessed: Decimal, requests_with_used: Iterable[tuple[Limit, Decimal]]) -> Granted:
    """What caps leave of the assessed yuan when so much of each has been used before."""
    left, cuts = assessed, []
    for request, used in requests_with_used:
        room = room_of(request, used, left)
        cuts.append(max(left - room, Decimal(0)))
        left = min(left, room)
    return Granted(left, tuple(cuts))


def room_of(request: Limit, used: Decimal, wanted: Decimal) -> Decimal:
    if request.limit is None:
        return wanted
    room = max(request.limit - used, Decimal(0))
    if request.unit == "yuan":
        return room
    return wanted if room >= 1 else Decimal(0)
