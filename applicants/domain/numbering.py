from django.db import connection, transaction

from applicants.models import City, NumberSeries

TAKE = """
    INSERT INTO {table} AS series (city_id, series, year, last) VALUES (%s, %s, %s, %s)
    ON CONFLICT (city_id, series, year) DO UPDATE SET last = series.last + excluded.last
    RETURNING last
"""


def next_number(*, city: City, series: str, year: int) -> int:
    """The next number of a city's series, without gaps: the row stays locked until the commit."""
    return next_numbers(city=city, series=series, year=year, count=1)[0]


def next_numbers(*, city: City, series: str, year: int, count: int) -> range:
    """So many numbers in a row, as `next_number` gives one; in one statement."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is given out inside the transaction that uses it")
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(NumberSeries._meta.db_table)
        cursor.execute(TAKE.format(table=table), [city.pk, series, year, count])
        (last,) = cursor.fetchone()
    return range(last - count + 1, last + 1)
