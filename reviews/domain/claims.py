"""What each case of a page claims or was determined at, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects

from incentives.models import Setting
from incentives.policy.text import InputError
from reviews.domain.assessing import assess_case, rules
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState


@dataclass(frozen=True, slots=True)
class Claim:
    """Yuan: what the declared facts come to (from, to), and what was determined, if anything."""

    minimum: Decimal | None
    maximum: Decimal | None
    determined: Decimal | None = None


def claims_of(cases: Sequence[Application]) -> dict[int, Claim]:
    prefetch_related_objects(list(cases), "facts")
    determined = _determined(cases)
    settings = _settings(cases)
    return {
        case.pk: _claim(case, settings.get(case.programme_id, {}), determined.get(case.pk))
        for case in cases
    }


def _claim(case: Application, settings: dict[str, Any], determined: Decimal | None) -> Claim:
    known = rules(case)
    declared = {fact.key: fact.declared for fact in case.facts.all() if fact.declared is not None}
    settable = {*known.parameters, *known.assumptions}
    own = {key: value for key, value in settings.items() if key in settable}
    try:
        result = assess_case(case, facts=declared, settings=own)
    except InputError:  # a setting changed its form after the filing: the case page says which
        return Claim(None, None, determined)
    return Claim(result.minimum, result.maximum, determined)


def _determined(cases: Sequence[Application]) -> dict[int, Decimal]:
    """Granted where approved, else what is proposed."""
    living = Determination.objects.filter(
        application__in=[case.pk for case in cases],
        state__in=[DeterminationState.PROPOSED, DeterminationState.APPROVED],
    )
    rows = living.values_list("application", "assessed", "granted")
    return {case: assessed if granted is None else granted for case, assessed, granted in rows}


def _settings(cases: Sequence[Application]) -> dict[int, dict[str, Any]]:
    """The newest value of each setting of the programmes concerned."""
    rows = (
        Setting.objects.filter(programme__in={case.programme_id for case in cases})
        .order_by("programme", "key", "-id")
        .distinct("programme", "key")
    )
    found: dict[int, dict[str, Any]] = {}
    for programme, key, value in rows.values_list("programme", "key", "value"):
        found.setdefault(programme, {})[key] = value
    return found
