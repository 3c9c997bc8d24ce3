"""The round phase: a whole set of cases ranked, cut off and given what the budget leaves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from . import explain_rounds as explain
from .assessment import assess
from .derive import look
from .overrides import Settings, read_settings
from .positions import Ref
from .programme import Programme
from .ranking import Place, places
from .scalars import Scalar
from .shares import by_largest_remainder
from .terms import Round
from .text import InputError, Problem, Text, text

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class RoundEntry:
    """One case: yuan after its caps, the value it is ranked by, its place in order of filing."""

    id: str
    amount: Decimal
    rank: Scalar | None = None
    filed: int | None = None


@dataclass(frozen=True)
class RoundLine:
    """What one case receives (yuan), its rank and whether others share it, and why.

    `ratio` is the part of its own amount that the budget leaves; None where none is shared.
    """

    id: str
    amount: Decimal
    rank: int | None
    tied: bool
    admitted: bool
    ratio: Fraction | None
    text: Text


@dataclass(frozen=True)
class RoundResult:
    """`total` is what all receive, `left` what the budget keeps (None without a budget)."""

    lines: tuple[RoundLine, ...]
    total: Decimal
    left: Decimal | None


def round_entry(
    programme: Programme,
    id_: str,
    on: date,
    facts: Mapping[str, Any],
    choices: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    filed: int | None = None,
    **case: Any,
) -> RoundEntry:
    """An entry from the facts of a case; `case` is as for `assess`. Raises InputError when the
    case is not ready for the round."""
    found = assess(programme, on, facts, choices, settings, explained=False, **case)
    if found.decision != "pending_round":
        raise not_ready(id_, found.decision, [*found.missing, *found.unset])
    sight = look(programme, on, facts, settings or {}).sight
    rank = terms(programme).rank
    seen = None if rank is None else sight.facts.get(rank.by)
    value = None if isinstance(seen, tuple) else seen
    return RoundEntry(id_, found.maximum or ZERO, value, filed)


def not_ready(id_: str, decision: str, needs: Sequence[str]) -> InputError:
    lacking = f" ({', '.join(needs)})" if needs else ""
    return InputError(
        [
            Problem(
                f"entries.{id_}",
                text(f"尚不能进入评审：{decision}{lacking}", f"is not ready: {decision}{lacking}"),
                text("请先办结本案其他事项", "decide everything else of the case first"),
            )
        ]
    )


def terms(programme: Programme) -> Round:
    if programme.round is None:
        raise InputError(
            [
                Problem(
                    "programme",
                    text("该政策事项没有评审轮次", "the programme has no round"),
                    text("请在文件中写 round", "write a round in its file"),
                )
            ]
        )
    return programme.round


def settle_round(
    programme: Programme,
    entries: Sequence[RoundEntry],
    settings: Mapping[str, Any] | None = None,
    *,
    withdrawn: Collection[str] = (),
) -> RoundResult:
    """Rank the entries, cut off, and share the budget; every entry gets a line, in given order.

    An entry among `withdrawn` receives nothing. It keeps its place, and its share stays unspent,
    where the rank does not move up; otherwise it is as if it had never been filed.
    Raises InputError for entries or settings that leave the round undecided.
    """
    found = terms(programme)
    taken = read_settings(programme, settings or {})
    check_entries(found, entries, withdrawn)
    stays = found.rank is not None and not found.rank.moves_up
    running = [e for e in entries if stays or e.id not in withdrawn]
    ranked = places(found.rank, running, first_of(found, taken))
    admitted = [e for e in running if ranked[e.id].admitted]
    budget = value_of(found.budget, taken, "round.budget")
    shares = shared(found, admitted, budget)
    lines = [line(found, e, ranked.get(e.id), shares, budget, withdrawn) for e in entries]
    total = sum((one.amount for one in lines), ZERO)
    return RoundResult(tuple(lines), total, None if budget is None else budget - total)


def first_of(found: Round, settings: Settings) -> int | None:
    return None if found.rank is None else value_of(found.rank.first, settings, "round.rank.first")


def value_of(written: Any, settings: Settings, field: str) -> Any:
    if not isinstance(written, Ref):
        return written
    value = settings.value(written)
    if value is None:
        problem = text(f"参数 {written} 尚未设定", f"{written} is not set")
        expected = text("请先设定", "set it before the round is settled")
        raise InputError([Problem(field, problem, expected)])
    return value


def check_entries(found: Round, entries: Sequence[RoundEntry], withdrawn: Collection[str]) -> None:
    problems = [*repeated(entries), *unknown(entries, withdrawn)]
    queued = found.share == "first_come" or (found.rank and found.rank.ties == "earlier")
    for entry in entries:
        if found.rank is not None and entry.rank is None:
            problems.append(lacks(f"entries.{entry.id}.rank"))
        if queued and entry.filed is None:
            problems.append(lacks(f"entries.{entry.id}.filed"))
    if problems:
        raise InputError(problems)


def repeated(entries: Sequence[RoundEntry]) -> list[Problem]:
    ids = [entry.id for entry in entries]
    problem, expected = text("编号重复", "is listed twice"), text("每案一行", "list each case once")
    return [
        Problem(f"entries.{i}", problem, expected) for i in sorted(set(ids)) if ids.count(i) > 1
    ]


def unknown(entries: Sequence[RoundEntry], withdrawn: Collection[str]) -> list[Problem]:
    strange = sorted(set(withdrawn) - {entry.id for entry in entries})
    problem = text("不在本轮之内", "is not in the round")
    expected = text("请写本轮的编号", "name an entry of the round")
    return [Problem(f"withdrawn.{name}", problem, expected) for name in strange]


def lacks(field: str) -> Problem:
    return Problem(
        field, text("未填写", "is missing"), text("评审须用此值", "the round is decided by it")
    )


def shared(
    found: Round, admitted: Sequence[RoundEntry], budget: Decimal | None
) -> dict[str, Decimal]:
    """What each of those admitted receives."""
    if budget is None or sum((e.amount for e in admitted), ZERO) <= budget:
        return {entry.id: entry.amount for entry in admitted}
    if found.share == "pro_rata":
        by_id = sorted(admitted, key=lambda entry: entry.id)
        return by_largest_remainder(budget, [(e.id, Fraction(e.amount)) for e in by_id])
    return in_queue(admitted, budget)


def in_queue(admitted: Sequence[RoundEntry], budget: Decimal) -> dict[str, Decimal]:
    parts: dict[str, Decimal] = {}
    for entry in sorted(admitted, key=lambda e: (e.filed or 0, e.id)):
        parts[entry.id] = min(entry.amount, budget)
        budget -= parts[entry.id]
    return parts


def line(
    found: Round,
    entry: RoundEntry,
    place: Place | None,
    shares: Mapping[str, Decimal],
    budget: Decimal | None,
    withdrawn: Collection[str],
) -> RoundLine:
    part = shares.get(entry.id, ZERO)
    ratio = Fraction(part) / Fraction(entry.amount) if entry.amount else Fraction(1)
    gone, inside = entry.id in withdrawn, place is not None and place.admitted
    told = RoundLine(
        id=entry.id,
        amount=ZERO if gone else part,
        rank=None if place is None else place.rank,
        tied=place is not None and place.tied,
        admitted=inside and not gone,
        ratio=ratio if budget is not None and inside and not gone else None,
        text=explain.GONE,
    )
    if gone or place is None:
        return told
    return replace(told, text=explain.why(found, place, entry.amount, part, budget))
