"""Registry records read many at a time, in the order of their parties, as one frame of text.

The functions take a psycopg connection, so that a bench or a script can use them by itself.
"""

import io
from collections.abc import Collection, Sequence

import polars as pl
import psycopg
from psycopg import sql

SLICE = 100_000
BESIDES = {"id": pl.Int64(), "applicant_kind": pl.String(), "recognitions": pl.String()}

SLICE_END = """
SELECT max(id), count(*) FROM (
    SELECT p.id FROM applicants_party p
     WHERE p.id > %s AND p.kind = ANY(%s)
       AND p.district_id IN (SELECT id FROM applicants_district WHERE city_id = %s)
     ORDER BY p.id LIMIT %s) slice
"""

RECORDS = """
COPY (SELECT party_id, kind, recognitions{columns} FROM incentives_registryrecord
       WHERE city_id = {city} AND kind = ANY({kinds}) AND party_id > {after}
         AND party_id <= {upto}
       ORDER BY party_id) TO STDOUT (FORMAT csv)
"""


def slice_end(
    connection: "psycopg.Connection[tuple[object, ...]]",
    *,
    city: str,
    kinds: Collection[str],
    after: int,
    size: int = SLICE,
) -> tuple[int, int] | None:
    """The last party of the next slice, and how many there are; nothing when none is left."""
    row = connection.execute(SLICE_END, [after, list(kinds), city, size]).fetchone()
    last, count = row if row else (None, 0)
    return None if last is None else (int(str(last)), int(str(count)))


def read_slice(
    connection: "psycopg.Connection[tuple[object, ...]]",
    *,
    city: str,
    kinds: Collection[str],
    keys: Sequence[str],
    after: int,
    upto: int,
) -> pl.DataFrame:
    """id (of the party), applicant_kind, recognitions (JSON), and each fact of `keys` as text.

    `keys` are those of the registry; null where a fact is not known.
    """
    statement = sql.SQL(RECORDS).format(
        columns=sql.SQL("").join(sql.SQL(", facts ->> {}").format(sql.Literal(k)) for k in keys),
        city=sql.Literal(city),
        kinds=sql.Literal(list(kinds)),
        after=sql.Literal(after),
        upto=sql.Literal(upto),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        content = b"".join(bytes(block) for block in copy)
    schema = {**BESIDES, **dict.fromkeys(keys, pl.String())}
    if not content:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(io.BytesIO(content), has_header=False, schema=schema)
