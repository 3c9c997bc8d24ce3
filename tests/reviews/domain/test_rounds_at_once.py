"""Two at once in one round: the last two sheets, and two approvers who rank. Real commits."""

from dataclasses import replace
from functools import partial
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest

from applicants.domain.errors import Conflict
from applicants.models import Event, Notice
from reviews.domain import rounds_deciding, rounds_scoring, rounds_sheets
from reviews.models import ScoringRound
from reviews.models.round import RoundState
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.threads import at_once
from tests.reviews.rounds import TWO_PLACES, Setting, hand_in, later

TWO = replace(TWO_PLACES, sheets=2)


def drawn() -> Setting:
    """One case before two experts."""
    setting = Setting(rule=TWO, experts=2).open()
    setting.case()
    with later(setting):
        setting.begin()
    return setting


def events(setting: Setting, kind: str) -> int:
    return Event.objects.filter(subject=f"round:{setting.round.pk}", kind=kind).count()


def handed_in_at_once(setting: Setting) -> None:
    sheets = setting.sheets_of(setting.round.cases.get().pk)
    with later(setting):
        done = at_once([partial(hand_in, sheet) for sheet in sheets])
    assert done == [None, None], done


def unlocked(round_id: int, *_expected: RoundState) -> ScoringRound:
    found = ScoringRound.objects.select_related("programme__city", "programme__handling_bureau")
    return found.get(pk=round_id)


def looks_beside_another() -> Any:
    """What is looked at once both have written, and before either has committed."""
    both = Barrier(2, timeout=20)

    def look(found: ScoringRound) -> Any:
        both.wait()
        waiting = rounds_scoring.waiting_sheets(found).exists()
        both.wait()
        return SimpleNamespace(exists=lambda: waiting)

    return look


def test_the_last_two_sheets_at_once_complete_the_round_once(committed_db: None) -> None:
    setting = drawn()
    handed_in_at_once(setting)
    assert events(setting, "round.complete") == 1
    assert Notice.objects.filter(kind="scoring.complete", user=setting.approver).count() == 1
    with later(setting):
        assert setting.rank().round.state == RoundState.RANKED


def test_control_without_the_lock_nobody_completes_the_round(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = drawn()
    monkeypatch.setattr(rounds_scoring, "locked_round", unlocked)
    monkeypatch.setattr(rounds_sheets, "waiting_sheets", looks_beside_another())
    handed_in_at_once(setting)
    assert events(setting, "round.complete") == 0


def ranked_at_once(setting: Setting) -> list[Any]:
    other = make_staff(Role.APPROVER, setting.programme.handling_bureau.code)
    verb = partial(rounds_deciding.rank, round_id=setting.round.pk)
    with later(setting):
        return at_once([partial(verb, user=setting.approver), partial(verb, user=other)])


def test_two_approvers_at_once_fix_one_ranking(committed_db: None) -> None:
    setting = drawn()
    handed_in_at_once(setting)
    outcomes = ranked_at_once(setting)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "ScoringRound"]
    assert events(setting, "round.ranked") == 1
    winner = next(one for one in outcomes if not isinstance(one, Conflict))
    assert setting.fresh().round.ranked_by == winner.ranked_by
    assert rounds_deciding.verify(setting.round)


def test_control_without_the_lock_both_rank(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = drawn()
    handed_in_at_once(setting)
    both = Barrier(2, timeout=20)

    def unlocked_both(round_id: int, *expected: RoundState) -> ScoringRound:
        found = unlocked(round_id, *expected)
        both.wait()
        return found

    monkeypatch.setattr(rounds_deciding, "locked_round", unlocked_both)
    ranked_at_once(setting)
    assert events(setting, "round.ranked") == 2
