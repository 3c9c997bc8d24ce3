"""Cases opened by the city for those whom a sweep found: drafts that need only be confirmed."""

import secrets
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from applicants.domain import notices
from applicants.domain.errors import Refused
from applicants.models import BankAccount, Event, Membership, Notice, User
from incentives.domain.facts import read_values
from incentives.domain.programmes import rules_of
from incentives.domain.registry_keys import known_to
from incentives.models import RegistryRecord
from incentives.policy.programme import Programme as Rules
from reviews.domain.cases import subject_of
from reviews.domain.sweeps import lock_of, note, require_sweeper
from reviews.domain.sweeps_standing import with_living_case
from reviews.models import Application, CaseFact, Sweep, SweepRow
from reviews.models.application import Origin
from reviews.models.staff import Role
from reviews.models.sweep import Standing, SweepState

AT_ONCE = 2000
OFFERED = "case.offered"


@transaction.atomic
def open_cases(*, sweep: Sweep, rows: Collection[int] | None, user: User) -> int:
    """Open a case for each row (None: all) that nothing stands in the way of; how many.

    Safe to repeat: a row has one case, and whoever has come by a case since is left out.
    """
    require_sweeper(user, sweep.programme, Role.APPROVER)
    lock_of(sweep.pk)
    sweep.refresh_from_db()
    if sweep.state != SweepState.DONE:
        raise Refused(_("The sweep has not finished; cases are opened from its whole result."))
    waiting = SweepRow.objects.filter(sweep=sweep, application=None, standing=Standing.FREE)
    chosen = waiting if rows is None else waiting.filter(pk__in=list(rows))
    found = list(chosen.order_by("id"))
    opened = sum(_open_some(sweep, found[at : at + AT_ONCE], user) for at in _starts(found))
    note(sweep, "sweep.cases_opened", user, count=opened)
    return opened


def _starts(rows: list[SweepRow]) -> range:
    return range(0, len(rows), AT_ONCE)


def _open_some(sweep: Sweep, rows: list[SweepRow], user: User) -> int:
    busy = with_living_case(sweep, [row.party_id for row in rows])
    free = [row for row in rows if row.party_id not in busy]
    cases = _cases(sweep, free, user)
    for row, case in zip(free, cases, strict=True):
        row.application = case
    for row in rows:
        row.standing = Standing.HAS_CASE if row.party_id in busy else row.standing
    SweepRow.objects.bulk_update(rows, ["application", "standing"])
    _fill(sweep, cases)
    _write_events(sweep, cases, user)
    _tell(sweep, cases)
    return len(cases)


def _cases(sweep: Sweep, rows: list[SweepRow], user: User) -> list[Application]:
    parties = [row.party_id for row in rows]
    current = BankAccount.objects.filter(party__in=parties, is_current=True)
    accounts = dict(current.values_list("party", "pk"))
    return Application.objects.bulk_create(
        Application(
            city_id=sweep.city_id,
            programme_id=sweep.programme_id,
            version_id=sweep.version_id,
            applicant_id=party,
            handling_bureau_id=sweep.programme.handling_bureau_id,
            origin=Origin.SWEEP,
            account_id=accounts.get(party),
            started_by=user,
            progress_token=secrets.token_urlsafe(32),
        )
        for party in parties
    )


def _fill(sweep: Sweep, cases: list[Application]) -> None:
    """With what the registry holds now, as declared; the organisation confirms or corrects it."""
    rules = rules_of(sweep.version)
    records = RegistryRecord.objects.filter(
        city=sweep.city_id, party__in=[case.applicant_id for case in cases]
    )
    facts = dict(records.values_list("party", "facts"))
    CaseFact.objects.bulk_create(
        (
            CaseFact(application=case, key=key, declared=value)
            for case in cases
            for key, value in _declared(rules, facts.get(case.applicant_id, {}))
        ),
        batch_size=AT_ONCE,
    )


def _declared(rules: Rules, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kept, _problems = read_values(rules, known_to(rules, record))
    return ((key, value) for key, value in kept.items() if value is not None)


def _write_events(sweep: Sweep, cases: list[Application], user: User) -> None:
    Event.objects.bulk_create(
        (
            Event(
                kind="case.offered",
                subject=subject_of(case),
                actor=user,
                city_id=sweep.city_id,
                data={"sweep": sweep.pk},
            )
            for case in cases
        ),
        batch_size=AT_ONCE,
    )


def _tell(sweep: Sweep, cases: list[Application]) -> None:
    """Every member of every organisation; one without members learns of it once it registers."""
    by_party = {case.applicant_id: case for case in cases}
    members = Membership.objects.filter(party__in=list(by_party), is_active=True)
    told = {"title_zh": sweep.programme.title_zh, "title_en": sweep.programme.title_en}
    notices.write(
        Notice(
            user_id=user,
            kind=OFFERED,
            key=f"{OFFERED}:{by_party[party].pk}:{user}",
            data={"number": "", **told},
            url=reverse("reviews:offer", args=[by_party[party].pk]),
            city_id=sweep.city_id,
        )
        for party, user in members.values_list("party", "user")
    )
