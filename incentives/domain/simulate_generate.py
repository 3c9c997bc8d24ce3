"""A seeded year of applications, made by varying the worked examples: for rehearsals and tests."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from incentives.domain.simulate import Simulation
from incentives.domain.simulate_events import read_event
from incentives.policy.examples import Example
from incentives.policy.programme import Programme as Rules
from incentives.policy.rendering import dumps

GRANTED = ("eligible", "needs_choice", "pending_round", None)
REVOKED = 0.03
Base = tuple[Rules, Example]


def generated_lines(
    programmes: Mapping[str, Rules], count: int, *, seed: int, year: int = 2026
) -> Iterator[dict[str, Any]]:
    """So many applications approved in one year, in order: the same for the same seed.

    Before them a pool for each city, a budget first come and one pro rata; among them revocations
    of what has been granted, which is known by playing the sequence along.
    """
    run = Simulation(programmes, {})
    random = Random(seed)  # noqa: S311  # a rehearsal, no secret
    bases = [base for rules in programmes.values() for base in bases_of(rules)]
    days = sorted(random.randrange(364) for _ in range(count))
    for line in funds(bases, count, year):
        yield played(run, line)
    for number, day in enumerate(days, 1):
        rules, example = random.choice(bases)
        approved = date(year, 1, 1) + timedelta(days=day)
        yield played(run, application(random, number, rules, example, approved, count))
        if random.random() < REVOKED and run.lines[f"A{number}"].granted:
            revoke = {"kind": "revoke", "ref": f"A{number}", "on": approved.isoformat()}
            yield played(run, revoke)


def played(run: Simulation, line: dict[str, Any]) -> dict[str, Any]:
    list(run.take(read_event(dumps(line), 0, run.programmes)))
    return line


def bases_of(rules: Rules) -> list[Base]:
    """The examples that come to a sum without a setting of their own."""
    if not rules.amount:
        return []
    return [
        (rules, example)
        for example in rules.examples
        if not example.settings and not example.history and example.decision in GRANTED
    ]


def funds(bases: list[Base], count: int, year: int) -> Iterator[dict[str, Any]]:
    paid = [rules for rules, _ in bases if rules.outcome.pays and rules.roles.payer == "city"]
    for city in sorted({rules.city for rules in paid}):
        limit = f"{count * 150_000}.00"
        yield {"kind": "pool", "code": "city", "year": year, "limit": limit, "city": city}
    limit, codes = f"{count * 1000}.00", list(dict.fromkeys(rules.code for rules in paid))
    for code, mode in zip(codes, ("first_come", "pro_rata"), strict=False):
        yield {"kind": "budget", "programme": code, "year": year, "limit": limit, "mode": mode}


def application(
    random: Random, number: int, rules: Rules, example: Example, approved: date, count: int
) -> dict[str, Any]:
    names = max(count // 4, 60)
    facts = {k: varied(random, rules, k, value, names) for k, value in example.facts.items()}
    if example.recognitions is not None:
        facts["recognitions"] = list(example.recognitions)
    return {
        "ref": f"A{number}",
        "programme": rules.code,
        "on": example.day.isoformat(),
        "approved_on": f"{approved.isoformat()}T10:00:00+08:00",
        "applicant": f"U{random.randrange(max(count // 5, 1))}",
        "facts": facts,
        "choices": dict(example.choices),
    }


def varied(random: Random, rules: Rules, key: str, value: Any, names: int) -> Any:
    """Another sum, or another name out of a few, so that ceilings and events are met again."""
    fact = rules.facts.get(key)
    if fact is None or not isinstance(value, str):
        return value
    if fact.type == "money" and fact.maximum is None and fact.minimum is None:
        return f"{Decimal(value) * random.randint(500, 15000) / 10000:.2f}"
    if fact.type in {"identifier", "text"}:
        return f"{value}-{random.randrange(names)}"
    return value
