"""The names under which history is counted: one text key for each cap and each event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from .caps import Cap, SameEvent
from .case import Case
from .derive import look
from .facts import Row
from .history import History, cap_year, key_of_tally
from .limits import limit_of
from .naming import cap_key, key_value, lacking
from .programme import Programme
from .text import InputError, Text


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
class RowRequest:
    """One row (from 1) of a roster, and the key under which it counts towards `limit` rows."""

    cap_id: str
    row: int
    key: str
    limit: Decimal
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
        sight = look(programme, date.min, facts, settings).sight
        self.case = Case(sight, {}, explained=False)

    def value(self, name: str) -> str:
        """A role's or a fact's value as it stands in a key."""
        subject = self.programme.roles.subject
        found = key_value(name, self.case, self.roles, subject)
        if found is None:
            raise lacking(f"facts.{subject if name == 'subject' and subject else name}")
        return found

    def holds(self, part: Cap | SameEvent) -> bool:
        truth = self.case.holds(part.when)
        if truth is None:
            raise self.needs()
        return truth

    def limit(self, cap: Cap) -> Decimal:
        limit = limit_of(cap, self.case)
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
        found = cap_year(cap, self.case, approval_year)
        if found is None:
            raise lacking(f"facts.{cap.year_of}")
        return found


def cap_requests(
    programme: Programme,
    facts: Mapping[str, Any],
    roles: Mapping[str, str],
    settings: Mapping[str, Any],
    approval_year: int,
) -> list[CapRequest]:
    """What each cap that applies is asked for, such as `cap:<programme>:<cap>:subject=ABC:2026`.

    Caps that count rows are asked by `row_requests`, once the rows are decided.
    `roles` gives applicant, payee and, where no fact names it, subject. Raises InputError for
    what is missing.
    """
    namer = Namer(programme, facts, roles, settings)
    caps = [cap for cap in programme.caps if cap.unit != "rows"]
    return [cap_request(namer, cap, approval_year) for cap in caps if namer.holds(cap)]


def cap_request(namer: Namer, cap: Cap, approval_year: int) -> CapRequest:
    year = namer.year(cap, approval_year)
    per = tuple(sorted(namer.case.setting(cap.per)))
    counted = [(name, namer.value(name)) for name in per]
    return CapRequest(
        cap_id=cap.id,
        key=cap_key(namer.programme.code, cap.id, counted, year),
        per=per,
        limit=namer.limit(cap),
        unit=cap.unit,
        year=year,
        label=cap.label,
        printed=cap.printed,
    )


def row_requests(
    programme: Programme,
    facts: Mapping[str, Any],
    roles: Mapping[str, str],
    settings: Mapping[str, Any],
    approval_year: int,
) -> list[RowRequest]:
    """Every row that a cap on a roster counts, in order, whether or not it is granted.

    Rows counted before are laid into the history of `assess` under the same key; its rows then
    say which of these are granted. Raises InputError for what is missing.
    """
    namer = Namer(programme, facts, roles, settings)
    history = History(programme, approval_year)
    found: list[RowRequest] = []
    for cap in programme.caps:
        if cap.over is not None and namer.holds(cap):
            rows = namer.case.fact(cap.over)
            if rows is None:
                raise namer.needs()
            found += [
                row_request(namer, history, cap, number, row) for number, row in enumerate(rows, 1)
            ]
    return found


def row_request(namer: Namer, history: History, cap: Cap, number: int, row: Row) -> RowRequest:
    key = history.row_key(cap, namer.case.row(str(cap.over), row))
    if key is None:
        raise namer.needs()
    return RowRequest(cap.id, number, key, namer.limit(cap), cap.label, cap.printed)


def tally_keys(
    programme: Programme,
    facts: Mapping[str, Any],
    roles: Mapping[str, str],
    settings: Mapping[str, Any],
    approval_year: int,
) -> dict[str, str]:
    """The key of each tally, such as `tally:<name>:<value>|<value>:2026`.

    Programmes of one tally name meet on the values. Raises InputError for what is missing.
    """
    namer = Namer(programme, facts, roles, settings)
    found: dict[str, str] = {}
    for name in programme.tallies:
        key = key_of_tally(programme, name, namer.case, roles, approval_year)
        if key is None:
            raise namer.needs()
        found[name] = key
    return found


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
    if request.unit == "rows":  # what it leaves of each row is in the assessed sum already
        return wanted
    return wanted if room >= 1 else Decimal(0)
