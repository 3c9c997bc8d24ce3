"""An enterprise's size (企业规模), as a bureau's list says it; Huiqi works none out.

The statistical classification needs industry, staff, revenue and assets, which no programme asks
for. So the only source is the register of titles: entries of the code SIZE_TITLE, one of the levels
below, from a list of recognitions (docs/registry.md).
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate

from incentives.models import RegisterEntry
from incentives.models.register import RegisterStep
from incentives.policy.text import Text, text

SIZE_TITLE = "enterprise-size"
SIZE_NAME = text("企业规模", "Enterprise size")
SIZES: Mapping[str, Text] = {
    "large": text("大型", "large"),
    "medium": text("中型", "medium"),
    "small": text("小型", "small"),
    "micro": text("微型", "micro"),
}


def with_size(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Ledger entries that can be asked for `size`: the applicant's on the day of the award's
    approval, else ""."""
    day = OuterRef("approval_day")
    over = RegisterStep.objects.filter(entry=OuterRef("pk"), kind="end", on__lte=OuterRef(day))
    said = RegisterEntry.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day),
        ~Exists(over),
        party=OuterRef("applicant"),
        city=OuterRef("city"),
        title=SIZE_TITLE,
        level__in=SIZES,
        starts_on__lte=day,
    ).order_by("-starts_on", "-pk")
    newest = Subquery(said.values("level")[:1], output_field=CharField())
    dated: QuerySet[Any] = rows.alias(approval_day=TruncDate("award__approved_at"))
    sized: QuerySet[Any] = dated.alias(size=Coalesce(newest, Value("")))
    return sized
