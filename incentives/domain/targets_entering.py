"""What a bureau writes down about a target; who may is for the caller to know."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import User
from incentives.models import Bureau, Target, TargetActual
from incentives.policy.scalars import trim

EARLIEST = 2000
DIGITS = 4  # decimal places that are kept


@transaction.atomic
def enter(
    *, target: Target, year: int, value: Decimal, as_of: date, source: str, actor: User
) -> TargetActual:
    """Enter the value of a year, in the target's unit. A correction is entered anew, with why."""
    today = timezone.localdate()
    problems = _problems(target, year, value, as_of, source, today)
    if problems:
        raise Refused(problems)
    entry = TargetActual.objects.create(
        target=target,
        year=year,
        value=value,
        as_of=as_of,
        source=source.strip(),
        entered_by=actor,
    )
    record(
        kind="target.value_entered",
        subject=f"target:{target.code}",
        actor=actor,
        city=target.city,
        reason=entry.source,
        data={"year": year, "value": f"{trim(value):f}", "as_of": as_of.isoformat()},
    )
    return entry


def _problems(
    target: Target, year: int, value: Decimal, as_of: date, source: str, today: date
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not EARLIEST <= year <= today.year:
        bounds = {"first": EARLIEST, "last": today.year}
        problems["year"] = _("Write a year from %(first)s to %(last)s.") % bounds
    elif target.counts and year == today.year:
        problems["year"] = _("The value of this year is counted by itself; enter earlier years.")
    if not value.is_finite() or abs(value) >= Decimal(10) ** 14 or _places(value) > DIGITS:
        problems["value"] = _("Write a number with at most %s decimal places.") % DIGITS
    if as_of > today:
        problems["as_of"] = _("Write a day up to today.")
    if not source.strip():
        problems["source"] = _("Name the source of the value.")
    return problems


def _places(value: Decimal) -> int:
    exponent = trim(value).as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


@transaction.atomic
def make_responsible(*, target: Target, bureau: Bureau | None, actor: User) -> None:
    """Set the bureau that enters a target's values; the documents print none."""
    if bureau is not None and bureau.city_id != target.city_id:
        raise Refused({"bureau": _("Choose a bureau of the city.")})
    row = Target.objects.select_for_update(of=("self",)).get(pk=target.pk)
    row.bureau = bureau
    row.save(update_fields=["bureau"])
    target.bureau = bureau
    record(
        kind="target.bureau_set",
        subject=f"target:{target.code}",
        actor=actor,
        city=target.city,
        data={"bureau": bureau.code if bureau else ""},
    )
