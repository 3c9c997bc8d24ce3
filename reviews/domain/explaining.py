"""What the explanation of a determination needs from outside the assessment, kept at approval.

Names change, settings are set anew, and ceilings fill up: what stood when it was approved is kept
with the determination, and from then on nobody can change it.
"""

from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

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


def keep(case: Application, determination: Determination) -> None:
    """Put it on the determination (unsaved), under the locks of the reservation."""
    determination.explanation = explanation_of(case, determination)


def explanation_of(case: Application, determination: Determination) -> dict[str, Any]:
    """As kept at the approval; before it, as of now."""
    if determination.explanation:
        return dict(determination.explanation)
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
        "ceilings": ceilings(case, determination),
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


def ceilings(case: Application, determination: Determination) -> list[dict[str, Any]]:
    """Each ceiling passed: its limit, what had been used and was left before, what this case took.

    Where they left nothing, those that did. What is only counted, and limits nothing, stays out.
    """
    cut = {one["key"]: one for one in determination.cuts}
    taken = {entry.counter_id: entry.amount for entry in _entries(determination)}
    passed = Counter.objects.filter(Q(pk__in=taken) | Q(city=case.city_id, key__in=cut))
    return [
        _ceiling(case, counter, taken.get(counter.pk, Decimal(0)), cut.get(counter.key))
        for counter in passed.exclude(kind=CounterKind.TALLY).order_by("heat", "key")
    ]


def _entries(determination: Determination) -> QuerySet[CounterEntry]:
    entries = CounterEntry.objects.filter(award=determination.award_id)
    return entries if determination.award_id else entries.none()


def _ceiling(
    case: Application, counter: Counter, own: Decimal, cut: dict[str, Any] | None
) -> dict[str, Any]:
    used = Decimal(cut["used"]) if cut else counter.used - own
    limit = Decimal(cut["limit"]) if cut else counter.limit
    return {
        "key": counter.key,
        "kind": counter.kind,
        "unit": counter.unit,
        "label": _label(case, counter),
        "limit": f"{limit:.2f}",
        "used": f"{used:.2f}",
        "left": f"{max(limit - used, Decimal(0)):.2f}",
        "taken": f"{own:.2f}",
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
