"""What the explanation of a determination needs from outside the assessment, kept at approval.

Names change, settings are set anew, and ceilings fill up: what stood when it was approved is kept
with the determination, and from then on nobody can change it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from incentives.domain.readings import reading_words
from incentives.models import Counter, CounterEntry, Pool, Setting
from incentives.models.counter import CounterKind
from incentives.policy.overrides import read_settings
from incentives.policy.text import Text
from reviews.domain import working_days
from reviews.domain.assessing import rules
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState

SAME_EVENT = {"zh": "同一事项不重复享受", "en": "one event is rewarded once"}


Pair = tuple[Application, Determination]
Room = Mapping[int, Sequence["Passed"]]
"""By determination: the ceilings that it passed."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A ceiling, what it had used before the determination, and what that took of it."""

    counter: Counter
    before: Decimal
    own: Decimal


def keep(pairs: Sequence[Pair]) -> None:
    """Put it on each of the determinations (unsaved), under the locks of their reservation."""
    passed = passed_by(pairs)
    for case, determination in pairs:
        determination.explanation = explanation_of(case, determination, passed)


def explanation_of(
    case: Application, determination: Determination, passed: Room | None = None
) -> dict[str, Any]:
    """As kept at the approval; before it, as of now. `passed` where it was looked up for many."""
    if determination.explanation:
        return dict(determination.explanation)
    known = passed_by([(case, determination)]) if passed is None else passed
    document = case.programme.document
    return {
        "case": case.number,
        "applicant": case.applicant.name,
        "applicant_number": case.applicant.uscc or "",
        "applicant_kind": case.applicant.kind,
        "programme": {"zh": case.programme.title_zh, "en": case.programme.title_en},
        "version": case.version.number,
        "document": {"zh": document.title_zh, "en": document.title_en},
        "document_number": document.number,
        "bureau": {"zh": case.handling_bureau.name_zh, "en": case.handling_bureau.name_en},
        "proposed_by": str(determination.proposed_by),
        "approved_by": str(determination.approved_by or ""),
        "readings": readings(case, determination),
        "settings": settings(case, determination),
        "ceilings": ceilings(case, determination, known[determination.pk]),
    }


def readings(case: Application, determination: Determination) -> dict[str, dict[str, str]]:
    """Each reading taken, in words."""
    known = rules(case)
    taken = read_settings(known, determination.readings).readings
    return {
        name: both(reading_words(city=case.city, rules=known, name=name, reading=reading))
        for name, reading in taken.items()
    }


def settings(case: Application, determination: Determination) -> list[dict[str, Any]]:
    """What the city had set, each with the basis that was named for it and the day."""
    rows = Setting.objects.filter(
        programme=case.programme,
        key__in=list(determination.readings),
        set_at__lte=determination.proposed_at,
    )
    found: dict[str, Setting] = {}
    for row in rows.order_by("id"):
        if row.value == determination.readings[row.key]:
            found[row.key] = row
    return [
        {
            "key": key,
            "value": value,
            "basis": found[key].basis if key in found else "",
            "set_on": working_days.day_of(found[key].set_at).isoformat() if key in found else "",
        }
        for key, value in determination.readings.items()
    ]


def passed_by(pairs: Sequence[Pair]) -> Room:
    """Of each the ceilings that it took from; where they left nothing, those that did.

    Those given together took one after the other: before each stands what came before it.
    """
    awards = [one.award_id for _case, one in pairs if one.award_id is not None]
    taken: dict[int | None, dict[int, Decimal]] = defaultdict(dict)
    for entry in CounterEntry.objects.filter(award__in=awards):
        taken[entry.award_id][entry.counter_id] = entry.amount
    counters = _counters(pairs, {pk for own in taken.values() for pk in own})
    used = {pk: counter.used for pk, counter in counters.items()}
    keys = {(counter.city_id, counter.key): pk for pk, counter in counters.items()}
    room = dict[int, list[Passed]]()
    for case, one in sorted(pairs, key=lambda pair: pair[1].award_id or 0, reverse=True):
        own, named = taken[one.award_id], {(case.city_id, cut["key"]) for cut in one.cuts}
        cut = {keys[name] for name in named & keys.keys()}
        for pk in own.keys() & counters.keys():
            used[pk] -= own[pk]
        room[one.pk] = [
            Passed(counters[pk], used[pk], own.get(pk, Decimal(0)))
            for pk in counters
            if pk in own or pk in cut
        ]
    return room


def _counters(pairs: Sequence[Pair], taken: Collection[int]) -> dict[int, Counter]:
    """In the order of their locks. What is only counted, and limits nothing, stays out."""
    cities = {case.city_id for case, _one in pairs}
    keys = {cut["key"] for _case, one in pairs for cut in one.cuts}
    found = Counter.objects.filter(Q(pk__in=taken) | Q(city__in=cities, key__in=keys))
    limiting = found.exclude(kind=CounterKind.TALLY).order_by("heat", "key")
    return {counter.pk: counter for counter in limiting}


def ceilings(
    case: Application, determination: Determination, passed: Sequence[Passed]
) -> list[dict[str, Any]]:
    """Each ceiling passed: its limit, what had been used and was left before, what this took."""
    cut = {one["key"]: one for one in determination.cuts}
    return [_ceiling(case, one, cut.get(one.counter.key)) for one in passed]


def _ceiling(case: Application, passed: Passed, cut: dict[str, Any] | None) -> dict[str, Any]:
    counter = passed.counter
    used = Decimal(cut["used"]) if cut else passed.before
    limit = Decimal(cut["limit"]) if cut else counter.limit
    return {
        "key": counter.key,
        "kind": counter.kind,
        "unit": counter.unit,
        "label": _label(case, counter),
        "limit": f"{limit:.2f}",
        "used": f"{used:.2f}",
        "left": f"{max(limit - used, Decimal(0)):.2f}",
        "taken": f"{passed.own:.2f}",
        "off": cut["cut"] if cut else None,
    }


def _label(case: Application, counter: Counter) -> dict[str, str]:
    """By the key, such as `cap:<programme>:<cap>:applicant=17:2026` or `pool:<code>:<year>`."""
    _kind, name, *rest = counter.key.split(":")
    if counter.kind == CounterKind.POOL:
        pool = Pool.objects.get(city=case.city_id, code=name, year=int(rest[0]))
        return {"zh": pool.title, "en": pool.title}
    caps = {cap.id: cap.label for cap in rules(case).caps}
    if counter.kind == CounterKind.CAP and rest and rest[0] in caps:
        return both(caps[rest[0]])
    return SAME_EVENT


def both(said: Text) -> dict[str, str]:
    return {"zh": said.zh, "en": said.en}


def approved_of(case: Application) -> Determination | None:
    """The determination that stands; its applicant may read it."""
    found = case.determinations.filter(state=DeterminationState.APPROVED)
    return found.select_related("proposed_by", "approved_by").first()
