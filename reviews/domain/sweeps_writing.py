"""Rows of a sweep, many at a time."""

import io

import polars as pl
import psycopg

COPY = """
COPY reviews_sweeprow (sweep_id, party_id, decision, minimum, maximum, standing)
FROM STDIN (FORMAT csv)
"""


def write_found(
    connection: "psycopg.Connection[tuple[object, ...]]", sweep_id: int, rows: pl.DataFrame
) -> None:
    """Write id (party), decision, minimum and maximum (fen), standing as rows of a sweep."""
    lines = rows.select(
        pl.lit(sweep_id).alias("sweep"),
        "id",
        "decision",
        in_yuan("minimum"),
        in_yuan("maximum"),
        "standing",
    )
    content = io.BytesIO()
    lines.write_csv(content, include_header=False)
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        copy.write(content.getvalue())


def in_yuan(column: str) -> pl.Expr:
    """Fen as text in yuan, exactly."""
    fen = pl.col(column)
    whole, rest = (fen // 100).cast(pl.String), (fen % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str(whole, pl.lit("."), rest).alias(column)
