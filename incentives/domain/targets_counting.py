"""What a target's value is where Huiqi itself holds what it counts."""

from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from incentives.domain.targets_loading import YUAN_IN
from incentives.models import Award, RegisterEntry, Target
from incentives.models.award import AwardState
from incentives.models.register import EntryState


def counted(target: Target, today: date) -> Decimal:
    """In the target's unit: entries that stand today, or what has been awarded up to today."""
    if target.counts.get("awards"):
        return _awarded(target, today) / YUAN_IN[target.unit]
    return Decimal(_standing(target, today))


def _standing(target: Target, today: date) -> int:
    rows = RegisterEntry.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        city=target.city_id,
        title__in=target.counts["entries"],
        state=EntryState.IN_FORCE,
        starts_on__lte=today,
    )
    if levels := target.counts.get("level"):
        rows = rows.filter(level__in=levels)
    return rows.count()


def _awarded(target: Target, today: date) -> Decimal:
    rows = Award.objects.filter(
        city=target.city_id,
        programme__code__in=target.counts["awards"],
        state=AwardState.COMMITTED,
        committed_at__date__lte=today,
    )
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
