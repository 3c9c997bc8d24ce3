"""The city's registers (名录): what a case ended in other than money, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.domain.events import record
from applicants.domain.numbering import next_number
from applicants.domain.succession import ancestors
from applicants.models import City, Party, User
from incentives.domain import money, register_notices
from incentives.domain.payers import by_payer
from incentives.models import Bureau, Instalment, Programme, RegisterEntry, RegisterStep
from incentives.models.register import EntryKind, EntryState
from incentives.policy.programme import Programme as Rules

SERIES: Mapping[str, str] = {
    EntryKind.VOUCHER: "Q",
    EntryKind.TITLE: "RD",
    EntryKind.LISTING: "ML",
    EntryKind.STATUS: "ZM",
    EntryKind.IN_KIND: "FW",
    EntryKind.INVESTMENT: "TZ",
    EntryKind.WAIVER: "JM",
    EntryKind.FILING: "BA",
    EntryKind.NOMINATION: "TJ",
    EntryKind.AGREEMENT: "YY",
}
"""The part of a register number that names the register, by its Chinese initials."""


@dataclass(frozen=True, slots=True)
class Step:
    """What may become of entries of some kinds, and the state that they are in after it."""

    kinds: frozenset[str]
    after: EntryState


ENTER = "enter"
_LASTING = frozenset({"title", "listing", "status", "filing", "investment", "waiver", "agreement"})
STEPS: Mapping[str, Step] = {
    "redeem": Step(frozenset({"voucher"}), EntryState.FULFILLED),
    "deliver": Step(frozenset({"in_kind", "agreement"}), EntryState.FULFILLED),
    "select": Step(frozenset({"nomination"}), EntryState.FULFILLED),
    "pass_over": Step(frozenset({"nomination"}), EntryState.DECLINED),
    "close": Step(frozenset({"investment", "filing", "waiver"}), EntryState.FULFILLED),
    "extend": Step(frozenset({"title", "listing", "status"}), EntryState.IN_FORCE),
    "end": Step(_LASTING | {"voucher", "in_kind", "nomination"}, EntryState.ENDED),
}


def number_for(city: City, kind: str, on: date) -> str:
    serial = next_number(city=city, series=f"register-{SERIES[kind]}", year=on.year)
    return f"{city.abbreviation}-{SERIES[kind]}-{on.year}-{serial:05d}"


def enter(
    *,
    programme: Programme,
    rules: Rules,
    party: Party,
    bureau: Bureau,
    case_number: str,
    subject: str,
    level: str,
    on: date,
    ends_on: date | None,
    figure: Decimal | None,
    terms: str,
    award_id: int | None,
    actor: User,
) -> RegisterEntry:
    """Enter what a case ended in. `figure` in yuan: a voucher's face value, or never paid."""
    label = rules.outcome.label or rules.title
    entry = RegisterEntry.objects.create(
        city=programme.city,
        kind=rules.outcome.kind,
        title=programme.code,
        programme=programme,
        number=number_for(programme.city, rules.outcome.kind, on),
        label_zh=label.zh,
        label_en=label.en,
        level=level,
        party=party,
        subject=subject,
        case_number=case_number,
        bureau=bureau,
        starts_on=on,
        ends_on=ends_on,
        figure=figure,
        terms=terms,
        award_id=award_id,
        entered_by=actor,
    )
    _write(entry, ENTER, actor=actor, note=terms or case_number, on=on)
    return entry


def take_step(
    *,
    entry_id: int,
    kind: str,
    note: str,
    actor: User,
    amount: Decimal | None = None,
    ends_on: date | None = None,
) -> RegisterEntry:
    """Record what became of an entry in force; who may is for the caller to know.

    `amount` (yuan, at most the face value) for `redeem`, `ends_on` for `extend`.
    """
    with transaction.atomic():
        entry = _in_force(entry_id)
        if entry.kind not in STEPS[kind].kinds:
            raise Refused({"kind": _("An entry of this kind has no such step.")})
        if not note.strip():
            raise Refused({"note": _("State what happened and on which paper it rests.")})
        if kind == "redeem":
            _redeem(entry, amount, actor, note)
        elif kind == "extend":
            _extend(entry, ends_on)
        elif entry.award is not None:
            money.release(award=entry.award, at=timezone.now(), actor=actor, reason=note)
        entry.state = STEPS[kind].after
        entry.save(update_fields=["state", "ends_on"])
        _write(entry, kind, actor=actor, note=note, on=timezone.localdate(), amount=amount)
    return entry


def expire(*, today: date) -> int:
    """Close every entry whose last day is over; returns how many. Safe to repeat."""
    due = RegisterEntry.objects.filter(state=EntryState.IN_FORCE, ends_on__lt=today)
    return sum(_expire(pk, today) for pk in due.order_by("id").values_list("pk", flat=True))


@transaction.atomic
def _expire(entry_id: int, today: date) -> bool:
    entry = RegisterEntry.objects.select_for_update().get(pk=entry_id)
    if entry.state != EntryState.IN_FORCE or entry.ends_on is None or entry.ends_on >= today:
        return False
    note = _("Valid to and including %s.") % entry.ends_on.isoformat()
    if entry.award is not None:  # in the name of whoever issued the voucher with this last day
        money.release(award=entry.award, at=timezone.now(), actor=entry.entered_by, reason=note)
    entry.state = EntryState.EXPIRED
    entry.save(update_fields=["state"])
    _write(entry, "expire", actor=None, note=note, on=today)
    return True


def recognitions_of(*, party: Party, city: City) -> list[dict[str, Any]]:
    """Titles, listings and statuses of a party as rules read them: {title, level, from, until}.

    As the registry has them (domain/registry.py): one that was ended stood until the day before.
    Those of a party that was merged into this one count too, and of one that it was split from as
    far as they go back before that.
    """
    family = {one.party: one.until for one in ancestors(party)} | {party.pk: None}
    entries = RegisterEntry.objects.filter(
        party__in=family,
        city=city,
        kind__in=[EntryKind.TITLE, EntryKind.LISTING, EntryKind.STATUS],
    ).exclude(state=EntryState.DECLINED)
    ended = dict(
        RegisterStep.objects.filter(entry__in=entries, kind="end").values_list("entry", "on")
    )
    return [
        _recognition(entry, ended.get(entry.pk), family[entry.party_id])
        for entry in entries.order_by("id")
        if entry.starts_on <= (family[entry.party_id] or date.max)
    ]


def _recognition(entry: RegisterEntry, ended: date | None, until: date | None) -> dict[str, Any]:
    last = [day for day in (entry.ends_on, ended and ended - timedelta(days=1), until) if day]
    return {
        "title": entry.title,
        "level": entry.level or None,
        "from": entry.starts_on.isoformat(),
        "until": min(last).isoformat() if last else None,
    }


def _in_force(entry_id: int) -> RegisterEntry:
    entry = RegisterEntry.objects.select_for_update(of=("self",)).get(pk=entry_id)
    if entry.state != EntryState.IN_FORCE:
        raise Conflict(
            _("The entry is now “%(state)s”; reload the page.")
            % {"state": entry.get_state_display()}
        )
    return entry


def _redeem(entry: RegisterEntry, amount: Decimal | None, actor: User, note: str) -> None:
    """What is used of the face value is owed to the holder; the rest is free again."""
    if entry.ends_on is not None and entry.ends_on < timezone.localdate():
        raise Refused({"amount": _("The voucher was valid to %s.") % entry.ends_on.isoformat()})
    if amount is None or not 0 < amount <= (entry.figure or 0):
        raise Refused(
            {"amount": _("Write a sum above 0 and at most %s yuan, its value.") % entry.figure}
        )
    if entry.award is None:
        raise Conflict(_("No money is reserved for this voucher."))
    money.redeem(award=entry.award, amount=amount, at=timezone.now(), actor=actor, reason=note)
    entry.award.refresh_from_db()
    [paying] = by_payer(entry.award, [amount])
    for number, (payer, part) in enumerate(paying, start=1):
        Instalment.objects.create(
            award=entry.award,
            number=number,
            payee=entry.party,
            payer=payer,
            amount=part,
            due_on=timezone.localdate(),
        )


def _extend(entry: RegisterEntry, ends_on: date | None) -> None:
    if ends_on is None or (entry.ends_on and ends_on <= entry.ends_on):
        raise Refused({"ends_on": _("Write a last day after the present one.")})
    entry.ends_on = ends_on


def _write(
    entry: RegisterEntry,
    kind: str,
    *,
    actor: User | None,
    note: str,
    on: date,
    amount: Decimal | None = None,
) -> None:
    step = RegisterStep.objects.create(
        entry=entry, kind=kind, state=entry.state, on=on, amount=amount, note=note, actor=actor
    )
    record(
        kind=f"register.{kind}",
        subject=f"register:{entry.number}",
        actor=actor,
        city=entry.city,
        reason=note,
        data={"case": entry.case_number, "state": entry.state}
        | ({"amount": str(amount)} if amount is not None else {}),
    )
    if kind != ENTER:  # who enters what a case ended in tells of the case
        register_notices.tell(entry, step)


def last_day(start: date, years: int) -> date:
    """The last day of so many whole years from a day: the day before its anniversary."""
    try:
        return start.replace(year=start.year + years) - timedelta(days=1)
    except ValueError:  # from 29 February to a year without one
        return start.replace(year=start.year + years, month=2, day=28)
