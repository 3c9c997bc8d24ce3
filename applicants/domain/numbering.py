from django.db import transaction

from applicants.models import City, NumberSeries


def next_number(*, city: City, series: str, year: int) -> int:
    """The next number of a city's series, without gaps: the row stays locked until the commit."""
    return next_numbers(city=city, series=series, year=year, count=1)[0]


def next_numbers(*, city: City, series: str, year: int, count: int) -> range:
    """So many numbers in a row, as `next_number` gives one."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is given out inside the transaction that uses it")
    NumberSeries.objects.get_or_create(city=city, series=series, year=year)
    row = NumberSeries.objects.select_for_update().get(city=city, series=series, year=year)
    first = row.last + 1
    row.last += count
    row.save(update_fields=["last"])
    return range(first, first + count)
