"""Everything that happened in a case, from every table that knows of it, in order.

A fixed number of queries, however long the history. For staff to whom the case is open, and for
auditors; the applicant has a shorter one (reviews.presenters.timeline).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from applicants.models import Event, Membership, User
from applicants.templatetags.huiqi import moment
from reviews.domain import dossier
from reviews.domain.event_words import told
from reviews.models import Application, StaffRole
from reviews.presenters import history_details, history_rows
from reviews.presenters.history_entry import GROUPS, Entry, group_of


def entries(case: Application, user: User) -> list[Entry]:
    """What the person may read of it; see dossier.history for opinions in preparation."""
    events = [
        event
        for event in dossier.history(case, user)
        if event.kind not in history_rows.SHOWN_AS_ROWS
    ]
    found = [_of(event) for event in events]
    history_details.fill(case, user, list(zip(events, found, strict=True)))
    found += history_rows.entries(case)
    _name_offices(case, found)
    return list(_folded(sorted(found, key=lambda one: one.at)))


def _folded(found: Iterable[Entry]) -> Iterator[Entry]:
    """Readings of one person with nothing in between are one entry that names each time."""
    last: Entry | None = None
    for entry in found:
        again = last is not None and (last.says, last.person) == (entry.says, entry.person)
        if last is not None and again and entry.group == "reading" and not entry.lines:
            last.lines.append(moment(entry.at))
            continue
        last = entry if entry.group == "reading" and not entry.lines else None
        yield entry


def _of(event: Event) -> Entry:
    return Entry(
        event.at,
        group_of(event.kind),
        told(event),
        event.actor,
        event.reason,
        for_whom=event.data.get("on_behalf_of") or event.data.get("for", {}).get("name", ""),
    )


def _name_offices(case: Application, found: Sequence[Entry]) -> None:
    """The roles held at that time, ended ones too, in the city of the case."""
    people = {entry.person.pk for entry in found if entry.person}
    held: dict[int, list[StaffRole]] = {}
    roles = StaffRole.objects.filter(user__in=people, city=case.city_id).select_related("bureau")
    for role in roles.order_by("pk"):
        held.setdefault(role.user_id, []).append(role)
    members = Membership.objects.filter(party=case.applicant_id, user__in=people)
    applying = set(members.values_list("user", flat=True))
    for entry in found:
        if entry.person:
            entry.office = _office(entry, held.get(entry.person.pk, []), applying)


def _office(entry: Entry, held: Iterable[StaffRole], applying: set[int]) -> str:
    assert entry.person is not None  # noqa: S101  # for the type: only people have an office
    if entry.person.pk in applying:
        return _("applicant")
    places: dict[str, list[str]] = {}
    for role in held:
        if role.since <= entry.at:
            place = str(role.bureau or role.city)
            places.setdefault(place, []).append(role.get_role_display())
    return "；".join(f"{place} {'、'.join(roles)}" for place, roles in places.items())


def shown(found: Iterable[Entry], groups: Iterable[str]) -> list[Entry]:
    wanted = set(groups) & set(GROUPS)
    return [entry for entry in found if not wanted or entry.group in wanted]


def counts(found: Iterable[Entry]) -> list[dict[str, Any]]:
    """The groups that occur, with how many entries each has."""
    held: dict[str, int] = {}
    for entry in found:
        held[entry.group] = held.get(entry.group, 0) + 1
    return [
        {"key": key, "title": title, "count": held[key]}
        for key, title in GROUPS.items()
        if key in held
    ]
