"""An opening that was entered wrongly, reversed whole by two people (撤销期初).

Nothing is corrected in part: the right balance or award is brought with another list afterwards.
Who may take which step is asked in reviews.domain.reversing, which knows the staff roles.
"""

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import User
from incentives.domain import money
from incentives.models import Counter, CounterEntry, ImportRow, OpeningReversal


def held(opening: ImportRow) -> list[tuple[Counter, Decimal]]:
    """On which counters it stands now, in their units, wherever a merger has put it."""
    entries = CounterEntry.objects.filter(Q(opening=opening) | Q(award__opening=opening))
    sums = entries.order_by().values_list("counter").annotate(sum=Sum("amount")).filter(sum__gt=0)
    amounts = dict(sums)
    counters = Counter.objects.filter(pk__in=amounts).order_by("heat", "key")
    return [(counter, amounts[counter.pk]) for counter in counters]


@transaction.atomic
def prepare(*, opening: ImportRow, reason: str, evidence: str, user: User) -> OpeningReversal:
    """Ask that what a row opened counts no more; another of finance signs."""
    if not reason.strip():
        raise Refused({"reason": _("State what is wrong with the opening.")})
    if not opening.counters.exists() and not hasattr(opening, "award"):
        raise Conflict(_("This row has opened nothing."))
    try:
        with transaction.atomic():
            reversal = OpeningReversal.objects.create(
                opening=opening, reason=reason.strip(), evidence=evidence.strip(), prepared_by=user
            )
    except IntegrityError as error:
        raise Conflict(_("A reversal of this opening is prepared or approved already.")) from error
    _note(reversal, "opening.reversal_prepared", user, reversal.reason)
    return reversal


@transaction.atomic
def approve(*, reversal: OpeningReversal, user: User) -> None:
    """Sign it; whoever prepared it may not. From now on every cap has that room again."""
    if reversal.prepared_by_id == user.pk:
        raise NotAllowed(_("A reversal is approved by someone who did not prepare it."))
    money.reverse_opening(reversal=reversal, at=timezone.now(), actor=user)
    _note(reversal, "opening.reversed", user, reversal.reason)


@transaction.atomic
def drop(*, reversal: OpeningReversal, reason: str, user: User) -> None:
    if not reason.strip():
        raise Refused({"reason": _("State why the reversal is dropped.")})
    money.drop_reversal(reversal=reversal)
    _note(reversal, "opening.reversal_dropped", user, reason)


def _note(reversal: OpeningReversal, kind: str, user: User, reason: str) -> None:
    opening = reversal.opening
    award = getattr(opening, "award", None)
    told = {"file": opening.of.file_name, "row": opening.number}
    told |= {"amount": opening.values["amount"], "evidence": reversal.evidence}
    record(
        kind=kind,
        subject=f"import:{opening.of_id}",
        actor=user,
        city=opening.of.city,
        reason=reason.strip(),
        data=told | ({"award": award.case_number} if award else {}),
    )
