"""Many determinations approved at once: signed one by one, their money reserved together."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.models import User
from incentives.domain.counters import counts_history
from reviews.domain import reserving
from reviews.domain.assessing import rules
from reviews.domain.cases import locked_many
from reviews.domain.determinations import approve, require_same, signed_to_take_effect
from reviews.domain.taking_effect import Pair, reserves, take_effect
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState

Refusal = ValidationError | PermissionDenied | DatabaseError
REFUSALS = (ValidationError, PermissionDenied, DatabaseError)


Seen = Mapping[int, int]  # case: the determination that the person was shown


def approve_many(
    *, cases: Sequence[Application], user: User, seen: Seen | None = None
) -> dict[int, Refusal | None]:
    """Approve each as `approve` does, in the order given; by case, why not, None where it is done.

    What goes together holds the limits once and commits as one. A refused case is left as it was
    and keeps no other back.
    """
    outcomes, shown = dict[int, Refusal | None](), seen or {}
    for keys in _runs(cases):
        done = _together(keys, user, shown) if len(keys) > 1 else set[int]()
        outcomes |= {key: None if key in done else _alone(key, user, shown) for key in keys}
    return outcomes


def _runs(cases: Sequence[Application]) -> Iterator[list[int]]:
    """Neighbours that can go together; a case that has to be decided alone is a run of its own."""
    for (_city, alone), run in groupby(cases, key=lambda case: (case.city_id, _goes_alone(case))):
        keys = [case.pk for case in run]
        yield from ([key] for key in keys) if alone else [keys]


def _goes_alone(case: Application) -> bool:
    """What is granted depends on what those before it got, or is split by several payers."""
    known = rules(case)
    return counts_history(known) or bool(known.payers)


def _together(keys: Sequence[int], user: User, seen: Seen) -> set[int]:
    """Which are done; none where the money of one is refused: then each tries by itself."""
    try:
        return _in_one_transaction(keys, user, seen)
    except REFUSALS:
        return set()


@transaction.atomic
def _in_one_transaction(keys: Sequence[int], user: User, seen: Seen) -> set[int]:
    now, signed = timezone.now(), set[int]()
    wishes, taking = list[reserving.Wish](), list[Pair]()
    cases = locked_many(keys, CaseState.PROPOSED)
    living = _proposed(cases)
    for key in keys:
        if key not in living:
            continue
        case, determination = cases[key], living[key]
        try:
            with transaction.atomic():
                require_same(determination, seen.get(key))
                if signed_to_take_effect(case, determination, user=user, at=now):
                    if reserves(case, determination):
                        asked = reserving.asked_for(case, determination, now)
                        wishes.append(reserving.Wish(case, determination, asked))
                    taking.append((case, determination))
        except REFUSALS:
            continue
        signed.add(key)
    if wishes:
        city = wishes[0].case.city_id
        reserving.reserve_many(wishes, city_code=city, actor=user, at=now)
    take_effect(taking, user=user, at=now)
    return signed


def _proposed(cases: dict[int, Application]) -> dict[int, Determination]:
    rows = Determination.objects.select_for_update(of=("self",)).order_by("pk")
    living = rows.filter(application__in=cases, state=DeterminationState.PROPOSED)
    return {one.application_id: one for one in living.select_related("proposed_by")}


def _alone(key: int, user: User, seen: Seen) -> Refusal | None:
    try:
        approve(case_id=key, user=user, determination_id=seen.get(key))
    except REFUSALS as refused:
        return refused
    return None
