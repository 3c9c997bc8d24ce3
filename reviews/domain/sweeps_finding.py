"""What a sweep finds in a slice of the registry: by columns, or row by row where it must."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection

from incentives.domain.facts import read_values
from incentives.domain.programmes import rules_of
from incentives.domain.registry_frames import typed_frame
from incentives.domain.registry_keys import known_to, registry_keys
from incentives.domain.registry_slices import read_slice
from incentives.policy.assessment import assess
from incentives.policy.compiled import NotCompiled, Plan, compile_columns
from incentives.policy.programme import Programme as Rules
from reviews.domain.sweeps_standing import standings
from reviews.models import Sweep

FOUND = ("eligible", "needs_choice", "pending_round")
ASSESSED = {
    "id": pl.Int64(),
    "decision": pl.String(),
    "minimum": pl.Int64(),
    "maximum": pl.Int64(),
}
FEN = Decimal("0.01")


@dataclass(frozen=True)
class Found:
    """Who qualifies: id, decision, minimum and maximum (fen), standing. Everybody by decision.

    `amount` is yuan: the most that those found would receive together.
    """

    rows: pl.DataFrame
    counts: dict[str, int]
    amount: Decimal


class Finder:
    """One programme under one sweep's settings, compiled once for all slices."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.rules = rules_of(sweep.version)
        self.plan = plan_of(self.rules, sweep.readings)
        self.keys = keys_of(self.rules, self.plan)

    def find(self, *, after: int, upto: int) -> Found:
        texts = read_slice(
            connection.connection,
            city=self.sweep.city_id,
            kinds=self.rules.roles.applicant,
            keys=self.keys,
            after=after,
            upto=upto,
        )
        found = assessed(self.rules, self.plan, texts, self.sweep.on, self.sweep.readings)
        rows = found.filter(pl.col("decision").is_in(FOUND))
        counts = dict(found.group_by("decision").len().iter_rows())
        total = Decimal(int(rows["maximum"].sum() or 0)) * FEN
        return Found(standings(self.sweep, self.rules, rows), counts, total)


def plan_of(rules: Rules, settings: Mapping[str, Any]) -> Plan | None:
    """The compiled programme; None where it has to be assessed row by row."""
    try:
        return compile_columns(rules, settings)
    except NotCompiled:
        return None


def keys_of(rules: Rules, plan: Plan | None) -> list[str]:
    """The registry keys to read: what the plan needs, or every fact asked for."""
    keys = registry_keys(rules)
    wanted = keys if plan is None else [key for key in plan.needs if key in keys]
    return sorted({keys[key] for key in wanted})


def assessed(
    rules: Rules,
    plan: Plan | None,
    texts: pl.DataFrame,
    on: date,
    settings: Mapping[str, Any],
) -> pl.DataFrame:
    """id, decision, minimum and maximum in fen for each row of a slice, in its order."""
    if plan is None:
        return row_by_row(rules, texts, on, settings)
    read = typed_frame(rules, plan.needs, texts)
    found = plan.apply(read.frame, on).cast(ASSESSED)  # type: ignore[arg-type]
    if not read.apart:
        return found
    apart = row_by_row(rules, texts.filter(pl.col("id").is_in(read.apart)), on, settings)
    return pl.concat([found.filter(~pl.col("id").is_in(read.apart)), apart]).sort("id")


def row_by_row(
    rules: Rules, texts: pl.DataFrame, on: date, settings: Mapping[str, Any]
) -> pl.DataFrame:
    """The same by the interpreter."""
    rows = (judged(rules, row, on, settings) for row in texts.iter_rows(named=True))
    return pl.DataFrame(rows, schema=ASSESSED, orient="row")


def judged(
    rules: Rules, record: Mapping[str, Any], on: date, settings: Mapping[str, Any]
) -> tuple[int, str, int | None, int | None]:
    found = assess(rules, on, facts_of(rules, record), {}, settings, explained=False)
    return record["id"], found.decision, fen(found.minimum), fen(found.maximum)


def facts_of(rules: Rules, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as the facts of a case: what can be read, the kind, and what the registers say."""
    kept, _problems = read_values(rules, known_to(rules, unfolded(rules, record)))
    told = {key: value for key, value in kept.items() if value is not None}
    return told | {
        "applicant_kind": record["applicant_kind"],
        "recognitions": json.loads(record["recognitions"]),
    }


def unfolded(rules: Rules, record: Mapping[str, Any]) -> dict[str, Any]:
    """Rosters as lists again; what is not known left out."""
    rosters = {
        name for key, name in registry_keys(rules).items() if rules.facts[key].type == "roster"
    }
    return {
        name: json.loads(value) if name in rosters else value
        for name, value in record.items()
        if value is not None
    }


def fen(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount / FEN)
