"""What rules written by hand are put together from: null where a fact is missing, sums in fen."""

from datetime import date
from typing import NamedTuple

import polars as pl

BODIES = ("enterprise", "university", "research_institute")
ALL_BODIES = (*BODIES, "social_organisation")
TERMS_BEGIN = date(2020, 8, 20)


class ByHand(NamedTuple):
    holds: pl.Expr
    low: pl.Expr
    high: pl.Expr


def yes(*names: str) -> pl.Expr:
    return pl.all_horizontal(names)


def one_of(name: str, *options: str) -> pl.Expr:
    found = pl.lit(False)
    for option in options:
        found |= pl.col(name) == option
    return found


def kinds(*allowed: str) -> pl.Expr:
    return pl.col("applicant_kind").is_null() | one_of("applicant_kind", *allowed)


def given(*names: str) -> pl.Expr:
    return pl.all_horizontal(pl.col(names).is_not_null())


def since(name: str) -> pl.Expr:
    return pl.col(name) >= TERMS_BEGIN


def above(name: str) -> pl.Expr:
    return pl.col(name) > 0


def fen(yuan: int) -> pl.Expr:
    return pl.lit(yuan * 100, pl.Int64)


def percent(name: str, rate: int) -> pl.Expr:
    """Half-up to the fen."""
    return (pl.col(name) * rate + 50) // 100


def table(name: str, **yuan: int) -> pl.Expr:
    found = pl.lit(None, pl.Int64)
    for option, sum_ in yuan.items():
        found = pl.when(pl.col(name) == option).then(fen(sum_)).otherwise(found)
    return found


def fixed(holds: pl.Expr, sum_: pl.Expr) -> ByHand:
    return ByHand(holds, sum_, sum_)


def up_to(holds: pl.Expr, yuan: int) -> ByHand:
    return ByHand(holds, fen(0), fen(yuan))
