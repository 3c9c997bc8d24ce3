"""A registry of organisations in PostgreSQL, and the frames it is read into and results from."""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO

import polars as pl
from django.db import connection
from psycopg import sql

from incentives.policy.compiled.sweep import SLICE

TYPES = {pl.Int64: "bigint", pl.Date: "date", pl.Boolean: "boolean"}
TABLE = sql.Identifier("bench_organisations")


def fill(columns: Mapping[str, pl.DataType], organisations: int) -> None:
    """Every fact of every organisation, about half of them given."""
    typed = [
        sql.SQL("{} " + TYPES.get(type(dtype), "text")).format(sql.Identifier(name))
        for name, dtype in columns.items()
    ]
    create = sql.SQL("CREATE UNLOGGED TABLE {} (id bigint PRIMARY KEY, {})")
    with connection.cursor() as cursor:
        cursor.execute(create.format(TABLE, sql.SQL(", ").join(typed)))
        into = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(TABLE)
        for first in range(0, organisations, SLICE):
            copy_in(into, made(columns, first, min(first + SLICE, organisations)))
        cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(TABLE))


def made(columns: Mapping[str, pl.DataType], first: int, end: int) -> pl.DataFrame:
    ids = pl.int_range(first, end, eager=True).alias("id")
    drawn = [fact(name, dtype, seed) for seed, (name, dtype) in enumerate(columns.items())]
    return pl.DataFrame({"id": ids}).select("id", *drawn)


def fact(name: str, dtype: pl.DataType, seed: int) -> pl.Expr:
    """A value drawn from the id, so that every run has the same; missing for half of them."""
    chance, drawn = (pl.col("id").hash(2 * seed + n) for n in (1, 2))
    if isinstance(dtype, pl.Enum):
        options = pl.lit(dtype.categories)
        value = options.gather((drawn % len(dtype.categories)).cast(pl.UInt32)).cast(pl.String)
    elif isinstance(dtype, pl.Boolean):
        value = drawn % 10 < 7
    elif isinstance(dtype, pl.Date):
        value = pl.date(2019, 6, 1) + pl.duration(days=drawn % 1200)
    else:
        value = (drawn % size_of(name)).cast(pl.Int64)
    return pl.when(chance % 2 == 0).then(value).alias(name)


def size_of(name: str) -> int:
    """A share up to 150%, a few years, or sums up to 500 million yuan to the fen."""
    if name.endswith(("_share", "_ratio")):
        return 1_500_001
    return 6 if name == "year_of_run" else 50_000_000_000


def slices(columns: Mapping[str, pl.DataType], organisations: int) -> Iterator[pl.DataFrame]:
    wanted = sql.SQL(", ").join(map(selected, columns, columns.values()))
    query = sql.SQL(
        "COPY (SELECT id, {} FROM {} WHERE id >= {} AND id < {}) TO STDOUT (FORMAT csv)"
    )
    for first in range(0, organisations, SLICE):
        yield read(query.format(wanted, TABLE, first, first + SLICE), columns)


def selected(name: str, dtype: pl.DataType) -> sql.Composed:
    """polars reads true and false as numbers, quickest."""
    as_number = "{}::int" if isinstance(dtype, pl.Boolean) else "{}"
    return sql.SQL(as_number).format(sql.Identifier(name))


def read(query: sql.Composed, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    with connection.cursor() as cursor, cursor.copy(query) as blocks:
        text = b"".join(blocks)
    truths = [name for name, dtype in columns.items() if isinstance(dtype, pl.Boolean)]
    written = {n: pl.UInt8 if n in truths else dtype for n, dtype in columns.items()}
    frame = pl.read_csv(BytesIO(text), has_header=False, schema={"id": pl.Int64, **written})
    return frame.with_columns(pl.col(truths).cast(pl.Boolean))


def write(table: str, found: Iterable[pl.DataFrame]) -> None:
    """The results of a sweep, in a table of their own."""
    name = sql.Identifier(table)
    columns = "(id bigint, programme text, decision text, minimum bigint, maximum bigint)"
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        cursor.execute(sql.SQL("CREATE UNLOGGED TABLE {} " + columns).format(name))
    for frame in found:
        copy_in(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(name), frame)


def copy_in(statement: sql.Composed, frame: pl.DataFrame) -> None:
    buffer = BytesIO()
    frame.write_csv(buffer, include_header=False)
    with connection.cursor() as cursor, cursor.copy(statement) as copying:
        copying.write(buffer.getbuffer())
