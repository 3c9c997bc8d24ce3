"""A change of an organisation and a decision on its case at once: each with its control."""

from collections.abc import Callable
from functools import partial
from threading import Event
from time import sleep
from typing import Any

import pytest

from applicants.models import Party, PartyChange, User
from incentives.domain.reconcile import differences
from incentives.models import Award
from reviews.domain import approving, determinations, party_changes, reserving, succeeding
from reviews.models import Application
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_organisation, make_user
from tests.incentives.domain.threads import at_once
from tests.reviews.domain.test_party_changes import TEAM, Registry, fresh, unit_year, used


def deciding(slow: Event, merged: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an approval rest after it has read its case, until the merger is through (or 2 s)."""
    usual = reserving.counters_of

    def rest(*args: Any, **kwargs: Any) -> Any:
        slow.set()
        merged.wait(2)
        return usual(*args, **kwargs)

    monkeypatch.setattr(reserving, "counters_of", rest)


def decide_while_merging(monkeypatch: pytest.MonkeyPatch) -> tuple[Party, Party, list[Any]]:
    cast, successor, registry = Cast(TEAM), make_organisation(make_user()), Registry()
    case = factories.proposed(cast)
    approver = cast.of(cast.handling, Role.APPROVER)
    change = registry.prepare("merger", cast.party, successor=successor)
    slow, merged = Event(), Event()
    deciding(slow, merged, monkeypatch)

    def merge() -> None:
        slow.wait(30)
        party_changes.make(change_id=change.pk, user=registry.office)
        merged.set()

    outcomes = at_once([partial(determinations.approve, case_id=case.pk, user=approver), merge])
    return cast.party, successor, outcomes


def test_an_award_determined_while_its_applicant_is_merged_counts_for_the_successor(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, successor, outcomes = decide_while_merging(monkeypatch)
    assert not any(isinstance(one, Exception) for one in outcomes)
    assert used(unit_year(ended)) == 0
    assert used(unit_year(successor)) == Award.objects.get().amount
    assert Application.objects.get().applicant == successor
    assert differences(city_code="qingdao") == []


def test_control_without_the_lock_on_its_cases_the_history_stays_with_the_ended_party(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(change: PartyChange) -> list[Application]:
        return list(Application.objects.filter(applicant=change.party_id))

    monkeypatch.setattr(succeeding, "lock_cases", unlocked)
    monkeypatch.setattr(succeeding, "_pass_case", lambda *_args: None)
    ended, successor, _outcomes = decide_while_merging(monkeypatch)
    assert used(unit_year(ended)) == Award.objects.get().amount
    assert used(unit_year(successor)) == 0


def alone(case: Application, user: User) -> object:
    return determinations.approve(case_id=case.pk, user=user)


def among_many(case: Application, user: User) -> object:
    found = approving._together([case.pk], user, {})
    assert found == {case.pk}
    return found


@pytest.mark.parametrize("approve_it", [alone, among_many])
def test_a_merger_first_lets_the_approval_find_the_case_with_the_successor(
    committed_db: None,
    monkeypatch: pytest.MonkeyPatch,
    approve_it: Callable[[Application, User], object],
) -> None:
    """The approval waits for the case's row, and then reads whose it is by now."""
    cast, successor, registry = Cast(TEAM), make_organisation(make_user()), Registry()
    case = factories.proposed(cast)
    approver = cast.of(cast.handling, Role.APPROVER)
    change = registry.prepare("merger", cast.party, successor=successor)
    merging = Event()
    usual = succeeding.carry_out

    def slowly(*args: Any) -> None:
        usual(*args)
        merging.set()
        sleep(0.5)

    monkeypatch.setattr(succeeding, "carry_out", slowly)

    def approve() -> Any:
        merging.wait(30)
        return approve_it(case, approver)

    merge = partial(party_changes.make, change_id=change.pk, user=registry.office)
    outcomes = at_once([merge, approve])
    assert not any(isinstance(one, Exception) for one in outcomes)
    granted = case.determinations.get().granted
    assert used(unit_year(successor)) == granted > 0
    assert used(unit_year(cast.party)) == 0


def test_two_mergers_of_each_other_end_one_of_them(committed_db: None) -> None:
    one, other, registry = (
        make_organisation(make_user()),
        make_organisation(make_user()),
        Registry(),
    )
    changes = [
        registry.prepare("merger", one, successor=other),
        registry.prepare("merger", other, successor=one),
    ]
    made = at_once(
        [partial(party_changes.make, change_id=c.pk, user=registry.office) for c in changes]
    )
    assert sorted(type(outcome).__name__ for outcome in made) == ["PartyChange", "Refused"]
    assert [fresh(one).ended_on, fresh(other).ended_on].count(None) == 1
