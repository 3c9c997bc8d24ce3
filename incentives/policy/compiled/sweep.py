"""Many programmes over many organisations, slice by slice of a registry: frames in, frames out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from .columns import RESULT, Plan

SLICE = 100_000
"""Organisations in a slice: enough for columns to pay, little enough to hold in memory."""


@dataclass(frozen=True)
class Registry:
    """The columns of a registry's frames: `columns` by name, `places` where each programme reads.

    A fact of one key and type stands once, whichever programmes read it; where the types differ
    each programme has a column of its own, `<programme>.<key>`.
    """

    columns: Mapping[str, pl.DataType]
    places: Mapping[str, Mapping[str, str]]


def registry_of(plans: Mapping[str, Plan]) -> Registry:
    types: dict[str, set[pl.DataType]] = {}
    for plan in plans.values():
        for key, dtype in plan.needs.items():
            types.setdefault(key, set()).add(dtype)
    places = {
        code: {key: key if len(types[key]) == 1 else f"{code}.{key}" for key in plan.needs}
        for code, plan in plans.items()
    }
    columns = {
        places[code][key]: dtype
        for code, plan in plans.items()
        for key, dtype in plan.needs.items()
    }
    return Registry(columns, places)


def sweep(
    plans: Mapping[str, Plan], slices: Iterable[pl.DataFrame], on: date
) -> Iterator[pl.DataFrame]:
    """For each slice the cases that may be granted: id, programme, decision, minimum, maximum.

    A slice holds `id` and the columns of `registry_of(plans)`; sums are in fen.
    """
    places, codes = registry_of(plans).places, pl.Enum(list(plans))
    for frame in slices:
        hopeful = pl.collect_all(
            [plan.hopeful(seen_by(places[code], frame), on) for code, plan in plans.items()]
        )
        yield pl.concat(
            plan.granted(facts, on).select("id", pl.lit(code, codes).alias("programme"), *RESULT)
            for (code, plan), facts in zip(plans.items(), hopeful, strict=True)
        )


def seen_by(places: Mapping[str, str], frame: pl.DataFrame) -> pl.LazyFrame:
    """The facts of one programme under their own names."""
    return frame.lazy().select("id", **{key: pl.col(column) for key, column in places.items()})
