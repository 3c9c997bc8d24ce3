from django.db import transaction
from django.db.models import F

from applicants.models import City, NumberSeries


def next_number(*, city: City, series: str, year: int) -> int:
    """The next number of a city's series, without gaps: the row stays locked until the commit."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is given out inside the transaction that uses it")
    NumberSeries.objects.get_or_create(city=city, series=series, year=year)
    row = NumberSeries.objects.select_for_update().get(city=city, series=series, year=year)
    row.last = F("last") + 1
    row.save(update_fields=["last"])
    row.refresh_from_db(fields=["last"])
    return row.last
