"""The way of a round: planned, opened, joined, drawn, scored, ranked once; and its gate."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Event, Membership, Notice
from incentives.domain.settings import change_setting
from reviews.demo import walk
from reviews.domain import (
    acceptance,
    applications,
    determinations,
    rounds,
    rounds_deciding,
    rounds_draw,
    rounds_experts,
    rounds_scoring,
    rounds_setup,
    rounds_sheets,
)
from reviews.domain.actions import available
from reviews.domain.cases import subject_of
from reviews.domain.queues import cases_in, desk_of
from reviews.domain.replay import replay
from reviews.domain.working_days import today
from reviews.models import Application, RoundCase, ScoreSheet, ScoringRound
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.round import CutBy, RoundState, Ties
from reviews.models.staff import Role
from reviews.models.task import TaskKind
from tests import factories
from tests.factories import Cast, make_staff, make_user
from tests.reviews.rounds import CRITERIA, TWO_PLACES, Setting, hand_in, later

pytestmark = pytest.mark.django_db


def scored(cases: int = 3, **of: Any) -> Setting:
    """A round with every sheet in: the first case best, the last worst."""
    setting = Setting(**of).open()
    for _one in range(cases):
        setting.case()
    with later(setting):
        setting.begin()
        setting.score(*(tuple(str(9 - 2 * place + e / 2) for e in (0, 1, 2)) for place in range(3)))
    return setting


def test_a_round_is_opened_by_another_and_takes_cases_of_its_window() -> None:
    setting = Setting()
    with pytest.raises(NotAllowed):
        rounds_setup.open_round(round_id=setting.round.pk, user=setting.preparer)
    both = factories.give_role(
        setting.preparer, Role.APPROVER, setting.programme.handling_bureau.code
    )
    with pytest.raises(NotAllowed):
        rounds_setup.open_round(round_id=setting.round.pk, user=both.user)
    setting.open()
    case = setting.case()
    assert rounds.round_of(case) == setting.round
    assert rounds.is_competitive(case)
    assert Event.objects.filter(subject=subject_of(case), kind="round.joined").count() == 1


def test_a_competitive_case_outside_the_window_is_refused_with_its_dates() -> None:
    setting = Setting().open()
    cast = Cast(setting.programme.code)
    draft = factories.draft(cast)
    with later(setting):
        walk.submit(draft, cast.clerk)  # the workflow does not say that cases compete
    assert not RoundCase.objects.filter(application=draft).exists()
    compete(setting)
    draft = factories.draft(Cast(setting.programme.code))
    with later(setting), pytest.raises(Refused) as raised:
        walk.submit(draft, draft.started_by)
    dates = (setting.round.opens_on.isoformat(), setting.round.closes_on.isoformat())
    assert all(day in str(raised.value) for day in dates)
    assert factories.fresh(draft).state == CaseState.DRAFT


def compete(setting: Setting) -> None:
    change_setting(
        city=setting.city,
        programme=setting.programme,
        key="workflow",
        value={"preset": "competitive"},
        basis="测试",
        actor=setting.keeper,
    )


def test_the_rule_is_checked_by_field() -> None:
    wrong = {
        "criteria": replace(TWO_PLACES, criteria=[CRITERIA[0] | {"weight": "50"}]),
        "cut": replace(TWO_PLACES, cut=Decimal("1.5")),
        "sheets": replace(TWO_PLACES, sheets=0),
        "cut_by": replace(TWO_PLACES, cut_by=CutBy.RULES),
        "ties": replace(TWO_PLACES, cut_by=CutBy.BUDGET, ties=Ties.ALL),
    }
    setting = Setting()
    for field, rule in wrong.items():
        with pytest.raises(Refused) as raised:
            rounds_setup.change(
                round_id=setting.round.pk, title="x", opens_on=today(), closes_on=today(),
                rule=rule, user=setting.preparer,
            )  # fmt: skip
        assert list(raised.value.message_dict) == [field]


def test_windows_do_not_overlap_and_have_not_begun() -> None:
    setting = Setting()
    for opens, closes, field in (
        (today() - timedelta(days=1), today(), "opens_on"),
        (today() + timedelta(days=3), today() + timedelta(days=2), "closes_on"),
        (setting.round.closes_on, setting.round.closes_on, "opens_on"),
    ):
        with pytest.raises(Refused) as raised:
            rounds_setup.set_up(
                programme=setting.programme, title="二", opens_on=opens, closes_on=closes,
                rule=TWO_PLACES, user=setting.preparer,
            )  # fmt: skip
        assert list(raised.value.message_dict) == [field]


def test_a_round_opens_by_its_date_where_the_city_says_so() -> None:
    setting = Setting()
    assert rounds_setup.open_due(today=today()) == 0
    change_setting(
        city=setting.city, programme=None, key="rounds_open_by_date", value=True, basis="测试",
        actor=setting.keeper,
    )  # fmt: skip
    assert rounds_setup.open_due(today=setting.round.opens_on - timedelta(days=1)) == 0
    assert rounds_setup.open_due(today=today()) == 1
    assert setting.fresh().round.state == RoundState.OPEN


def test_scoring_waits_for_the_window_and_for_every_acceptance() -> None:
    setting = Setting().open()
    setting.case()
    with pytest.raises(Conflict):
        setting.begin()
    waiting = factories.submitted(Cast(setting.programme.code))
    with later(setting), pytest.raises(Refused, match=waiting.number):
        setting.begin()


def test_a_draw_is_repeated_from_its_seed_and_the_pool() -> None:
    setting = Setting(experts=8).open()
    cases = [setting.case() for _one in range(2)]
    Membership.objects.create(party=cases[0].applicant, user=setting.experts[0].user)
    setting.expert(f" {cases[0].applicant.name.upper()} ")  # employed by the first applicant
    setting.expert("其他名称", cases[1].applicant.uscc)
    with later(setting):
        setting.begin()
    draw = setting.round.draw
    pool = [one["expert"] for one in draw["pool"]]
    order = rounds_draw.in_order(setting.round.seed, setting.round.pk, pool)
    assert draw["order"] == order
    excluded = [set(map(int, line["excluded"])) for line in draw["cases"]]
    by_employer, by_code = pool[-2], pool[-1]
    assert excluded == [{setting.experts[0].pk, by_employer}, {by_code}]
    for line, out in zip(draw["cases"], excluded, strict=True):
        assert line["drawn"] == [one for one in order if one not in out][:3]
        sheets = ScoreSheet.objects.filter(round_case__application=line["case"])
        assert sorted(sheets.values_list("expert", flat=True)) == sorted(line["drawn"])


def test_too_few_experts_stop_the_draw_and_name_the_case() -> None:
    setting = Setting(experts=2).open()
    case = setting.case()
    with later(setting), pytest.raises(Refused, match=rf"{case.number} \(2/3\)"):
        setting.begin()
    assert setting.fresh().round.state == RoundState.OPEN


def test_staff_are_no_experts() -> None:
    setting = Setting()
    staff = make_staff(Role.PREPARER, "drc")
    with pytest.raises(Refused) as raised:
        setting.expert("单位", user=staff)
    assert list(raised.value.message_dict) == ["email"]
    with pytest.raises(NotAllowed):
        rounds_experts.add_expert(
            city=setting.city, email=make_user().email, employer="单位", employer_uscc="",
            fields="海洋", user=setting.preparer,
        )  # fmt: skip
    factories.give_role(setting.experts[0].user, Role.AUDITOR)
    assert setting.experts[0] not in rounds_experts.active_pool(setting.city)


def test_an_expert_declares_first_and_is_replaced_by_the_next_after_a_conflict() -> None:
    setting = Setting().open()
    setting.case()
    with later(setting):
        setting.begin()
        sheet = setting.sheets_of(setting.round.cases.get().pk)[0]
        user = sheet.expert.user
        with pytest.raises(NotAllowed):
            rounds_sheets.save(sheet_id=sheet.pk, scores={}, comment="", user=user)
        with pytest.raises(Refused):
            rounds_sheets.declare(sheet_id=sheet.pk, user=user, conflict=True)
        following = rounds_sheets.declare(
            sheet_id=sheet.pk, user=user, conflict=True, reason="曾为其顾问"
        )
    order, drawn = setting.fresh().round.draw["order"], setting.round.draw["cases"][0]["drawn"]
    assert following is not None
    assert following.expert_id == next(one for one in order if one not in drawn)
    assert following.replaces == sheet
    later_draw = setting.round.draw["later"]
    assert [one["drawn"] for one in later_draw] == [[following.expert_id]]
    with later(setting), pytest.raises(Conflict):
        hand_in(sheet)


def test_whoever_has_nobody_to_follow_is_topped_up_from_a_larger_pool() -> None:
    setting = Setting(experts=3).open()
    setting.case()
    with later(setting):
        setting.begin()
        round_case = setting.round.cases.get().pk
        sheet = setting.sheets_of(round_case)[0]
        none = rounds_scoring.excuse(sheet_id=sheet.pk, reason="长期出差", user=setting.approver)
        assert none is None
        new = setting.expert("新单位")
        assert rounds_scoring.top_up(round_id=setting.round.pk, user=setting.preparer) == 1
    assert new.pk in [one.expert_id for one in setting.sheets_of(round_case)]


def test_a_sheet_is_checked_handed_in_once_and_final() -> None:
    setting = Setting().open()
    setting.case()
    with later(setting):
        setting.begin()
        sheet = setting.sheets_of(setting.round.cases.get().pk)[0]
        user = sheet.expert.user
        rounds_sheets.declare(sheet_id=sheet.pk, user=user, conflict=False)
        for scores, comment, field in (
            ({"novelty": "11"}, "", "novelty"),
            ({"novelty": "nine"}, "", "novelty"),
            ({"novelty": "1.234"}, "", "novelty"),
            ({"novelty": "NaN"}, "", "novelty"),
            ({"other": "1"}, "", "other"),
            ({"novelty": "7"}, "", "team"),
            ({"novelty": "10", "team": "5"}, "", "comment"),
            ({"novelty": "1", "team": 0}, "", "comment"),
        ):
            with pytest.raises(Refused) as raised:
                rounds_sheets.hand_in(sheet_id=sheet.pk, scores=scores, comment=comment, user=user)
            assert list(raised.value.message_dict) == [field]
        rounds_sheets.save(sheet_id=sheet.pk, scores={"novelty": "7"}, comment="", user=user)
        hand_in(sheet)
        with pytest.raises(Conflict):
            rounds_sheets.save(sheet_id=sheet.pk, scores={}, comment="", user=user)
        with pytest.raises(Refused):
            rounds_sheets.save(sheet_id=sheet.pk, scores={}, comment="", user=make_user())
    with pytest.raises(DatabaseError), transaction.atomic():
        ScoreSheet.objects.filter(pk=sheet.pk).update(scores={"novelty": "10", "team": "5"})


def test_the_last_sheet_tells_the_approvers_once() -> None:
    setting = scored()
    done = Event.objects.filter(subject=f"round:{setting.round.pk}", kind="round.complete")
    assert done.count() == 1
    assert Notice.objects.filter(kind="scoring.complete", user=setting.approver).count() == 1


def test_a_ranking_is_fixed_once_opens_the_way_and_can_be_computed_again() -> None:
    setting = Setting().open()
    cases = [setting.case() for _one in range(3)]
    with later(setting):
        setting.begin()
        open_tasks = cases[0].tasks.filter(kind=TaskKind.SCORING, state="open")
        assert open_tasks.count() == 1
        assert not offered(setting, 0)
        with pytest.raises(Conflict):
            setting.rank()  # sheets are missing
        setting.score(("7", "7.5", "8"), ("8", "8.5", "9"), ("3", "3.5", "4"))
        setting.rank()
        assert not open_tasks.exists()
        with pytest.raises(Conflict):
            setting.rank()
        assert offered(setting, 0)
        ranks = {one["case"]: (one["rank"], one["above"]) for one in setting.round.result["cases"]}
        assert ranks == {
            cases[1].pk: (1, True), cases[0].pk: (2, True), cases[2].pk: (3, False),
        }  # fmt: skip
        assert rounds_deciding.verify(setting.round)
        proposed(setting, 0)
        with pytest.raises(Refused) as raised:
            proposed(setting, 2)
        assert list(raised.value.message_dict) == ["outcome"]
        proposed(setting, 2, Outcome.REFUSE)
    assert factories.fresh(cases[2]).state == CaseState.PROPOSED


def offered(setting: Setting, place: int) -> bool:
    case = setting.casts[place].party.application_set.get()
    user = setting.casts[place].of(setting.casts[place].handling, Role.PREPARER)
    return "propose" in [one.name for one in available(case, user)]


def proposed(setting: Setting, place: int, outcome: Outcome = Outcome.AWARD) -> None:
    cast = setting.casts[place]
    case = cast.party.application_set.get()
    determinations.propose(
        case_id=case.pk,
        outcome=outcome,
        choices=factories.walk.example_facts(cast.programme)[1] if outcome == "award" else {},
        reason="评审结果",
        user=cast.of(cast.handling, Role.PREPARER),
    )


def test_nothing_is_proposed_while_the_round_is_open_not_even_refusal() -> None:
    setting = Setting().open()
    setting.case()
    for outcome in Outcome:
        with pytest.raises(Conflict):
            proposed(setting, 0, outcome)


def test_a_ranked_case_goes_its_way_and_replays() -> None:
    setting = scored()
    with later(setting):
        setting.rank()
        proposed(setting, 0)
        cast = setting.casts[0]
        case = cast.party.application_set.get()
        walk.approve(case, cast.of)
    assert factories.fresh(case).state == CaseState.DETERMINED
    assert replay(case.determinations.get()).same


def test_a_changed_ranking_is_found_by_verifying() -> None:
    setting = scored()
    with later(setting):
        setting.rank()
    setting.round.result["cases"][0]["score"] = "99.0000"
    assert not rounds_deciding.verify(setting.round)


def test_a_ranking_cannot_be_written_anew() -> None:
    setting = scored()
    with later(setting):
        setting.rank()
    for change in ({"result": {}}, {"cut": Decimal(9)}, {"seed": "another"}, {"state": "scoring"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ScoringRound.objects.filter(pk=setting.round.pk).update(**change)


def test_withdrawn_and_ineligible_cases_take_no_place() -> None:
    setting = Setting(rule=replace(TWO_PLACES, cut=Decimal(1))).open()
    cases = [setting.case() for _one in range(3)]
    with later(setting):
        setting.begin()
        applications.withdraw(case_id=cases[0].pk, user=setting.casts[0].clerk)
        for place, novelty in ((1, "8"), (2, "7")):
            for sheet in setting.sheets_of(RoundCase.objects.get(application=cases[place]).pk):
                hand_in(sheet, novelty)
        setting.rank()
    result = setting.round.result
    assert [(one["case"], one["above"]) for one in result["cases"]] == [
        (cases[1].pk, True),
        (cases[2].pk, False),
    ]
    assert [(one["case"], one["why"]) for one in result["outside"]] == [(cases[0].pk, "withdrawn")]


def test_who_belongs_to_an_applicant_does_not_rank() -> None:
    setting = scored()
    party = Application.objects.filter(round_case__round=setting.round).first().applicant
    Membership.objects.create(party=party, user=setting.approver)
    with later(setting), pytest.raises(NotAllowed):
        setting.rank()


def test_a_round_closes_when_every_case_is_decided() -> None:
    setting = scored()
    with later(setting):
        setting.rank()
        with pytest.raises(Conflict):
            rounds_deciding.close(round_id=setting.round.pk, user=setting.approver)
        for cast in setting.casts:
            case = cast.party.application_set.get()
            applications.withdraw(case_id=case.pk, user=cast.clerk)
        rounds_deciding.close(round_id=setting.round.pk, user=setting.approver)
    assert setting.fresh().round.state == RoundState.CLOSED


def test_the_period_to_determine_begins_after_the_window_and_anew_with_the_ranking() -> None:
    setting = scored()
    case = setting.casts[0].party.application_set.get()
    assert case.due_on > setting.round.closes_on
    with later(setting):
        setting.rank()
    case.refresh_from_db()
    task = case.tasks.get(kind=TaskKind.DETERMINATION, state="open")
    assert case.due_on == task.due_on > setting.after


def test_by_budget_the_sums_assessed_are_walked_down() -> None:
    rule = replace(TWO_PLACES, cut_by=CutBy.BUDGET, cut=Decimal("1000000"), ties=Ties.NONE)
    setting = scored(rule=rule)
    with later(setting):
        setting.rank()
    lines = setting.round.result["cases"]
    spent = sum(Decimal(one["amount"]) for one in lines if one["above"])
    first_out = next((one for one in lines if not one["above"]), None)
    assert spent <= 1000000
    assert first_out is None or spent + Decimal(first_out["amount"]) > 1000000


def test_a_case_being_scored_is_not_returned_and_waits_in_no_queue_to_propose() -> None:
    setting = Setting().open()
    case = setting.case()
    user = setting.casts[0].of(setting.casts[0].handling, Role.PREPARER)
    names = {one.name for one in available(case, user)}
    assert ("return_case" in names, "propose" in names) == (True, False)
    with later(setting):
        setting.begin()
        assert "return_case" not in {one.name for one in available(case, user)}
        with pytest.raises(Conflict):
            acceptance.return_case(case_id=case.pk, user=user, reason="补交材料")
        assert not cases_in("propose", desk_of(user)).exists()
        setting.score(("7", "7", "7"))
        setting.rank()
        assert cases_in("propose", desk_of(user)).get() == case
