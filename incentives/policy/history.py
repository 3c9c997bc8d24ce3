"""What has been granted before, as a case sees it: empty unless its caller knows better."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .caps import Cap
from .case import Case
from .facts import must_be_mapping
from .naming import cap_key, escaped, key_value, tally_key
from .scalars import money
from .text import BadValue, InputError, Problem

if TYPE_CHECKING:
    from .programme import Programme

ZERO = Decimal(0)


@dataclass(frozen=True)
class History:
    """Yuan by tally key, and rows by the key of the cap that counts them.

    `year` is the year of approval, in which yearly tallies and caps count.
    """

    programme: "Programme"
    year: int
    used: Mapping[str, Decimal] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def granted(self, tally: str, case: Case) -> Decimal | None:
        """Yuan counted under a tally; None while a fact of its key is missing."""
        if not self.used:
            return ZERO
        key = key_of_tally(self.programme, tally, case, self.roles, self.year)
        return None if key is None else self.used.get(key, ZERO)

    def row_key(self, cap: Cap, row: Case) -> str | None:
        """The key under which a row counts; None while a column or year is missing."""
        names = sorted(row.setting(cap.per))
        values = [row.fact(name) for name in names]
        year = cap_year(cap, row, self.year)
        if None in values or (year is None and row.setting(cap.period) == "year"):
            return None
        counted = zip(names, map(escaped, values), strict=True)
        return cap_key(self.programme.code, cap.id, counted, year)


def cap_year(cap: Cap, case: Case, approval_year: int) -> int | None:
    if case.setting(cap.period) == "life":
        return None
    of = str(case.setting(cap.year_of))
    found = approval_year if of == "approval" else case.fact(of)
    return None if found is None else int(found)


def key_of_tally(
    programme: "Programme", name: str, case: Case, roles: Mapping[str, str], year: int
) -> str | None:
    tally = programme.tallies[name]
    values = [key_value(part, case, roles, programme.roles.subject) for part in tally.per]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    return tally_key(name, known, year if tally.period == "year" else None)


def read_history(raw: Mapping[str, Any]) -> dict[str, Decimal]:
    """Yuan (or counts) by key; raises InputError for what is no such number."""
    must_be_mapping("history", raw)
    found: dict[str, Decimal] = {}
    problems = []
    for key, value in raw.items():
        try:
            found[key] = money(value)
        except BadValue as error:
            problems.append(Problem.of(f"history.{key}", error))
    if problems:
        raise InputError(problems)
    return found
