"""How a case goes by its workflow: chosen by file, city or usage, kept at submission."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import Event
from incentives.domain.settings import change_setting
from incentives.models import Programme
from reviews.demo import walk
from reviews.domain import agreement, determinations, finance, opinions, supplements, workflows
from reviews.domain.actions import Action, available
from reviews.domain.working_days import add_working_days, today
from reviews.models import Application, Opinion
from reviews.models.application import Origin
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind
from tests import factories
from tests.factories import Cast, bureau, make_staff, programme, qingdao
from tests.reviews import rounds

pytestmark = pytest.mark.django_db
CODE = "hitech-first-recognition-award"  # sti handles; miit and finance are printed


def choose(value: Any, key: str = "workflow", of: Programme | None = None) -> None:
    change_setting(
        city=qingdao(),
        programme=of,
        key=key,
        value=value,
        basis="实施细则",
        actor=make_staff(Role.POLICY_EDITOR),
    )


def events(case: Application) -> QuerySet[Event]:
    return Event.objects.filter(subject=f"case:{case.pk}").order_by("id")


def open_kinds(case: Application) -> list[str]:
    return sorted(case.tasks.filter(state="open").values_list("kind", flat=True))


def draft_held(code: str = CODE, **fields: Any) -> workflows.Held:
    cast = Cast(code)
    case = factories.draft(cast)
    for name, value in fields.items():
        setattr(case, name, value)
    return workflows.of(case)


def test_standard_is_what_a_case_goes_through_unless_something_else_is_chosen():
    held = draft_held()
    assert (held.workflow.preset, held.stages, held.agreement) == (
        "standard",
        ("acceptance", "opinion"),
        "all",
    )
    assert held.opinions == ("miit", "finance")
    assert held.competitive is False
    assert {p: held.days(p) for p in ("acceptance", "opinion_days", "determination", "audit")} == {
        "acceptance": 5,
        "opinion_days": 10,
        "determination": 20,
        "audit": 20,
    }


def test_a_case_opened_by_the_city_is_light():
    held = draft_held(origin=Origin.SWEEP)
    assert (held.workflow.preset, held.workflow.chosen, held.stages) == ("light", "origin", ())


@pytest.mark.parametrize(
    ("of_city", "of_programme", "days_of_city", "days_of_programme", "days"),
    [
        (None, None, None, None, 10),
        (None, None, 8, None, 8),
        ({"days": {"opinion": 7}}, None, 8, None, 7),
        ({"days": {"opinion": 7}}, {"days": {"opinion": 6}}, 8, None, 6),
        ({"days": {"opinion": 7}}, {"days": {"opinion": 6}}, 8, 3, 3),
    ],
)
def test_the_more_special_word_counts_for_days(
    of_city, of_programme, days_of_city, days_of_programme, days
):
    own = programme(CODE)
    for value, of in ((of_city, None), (of_programme, own)):
        if value:
            choose(value, of=of)
    for value, of in ((days_of_city, None), (days_of_programme, own)):
        if value:
            choose(value, "opinion_days", of)
    assert draft_held().days("opinion") == days


def test_the_days_of_a_preset_give_way_to_those_the_city_has_set():
    assert draft_held(origin=Origin.SWEEP).days("determination") == 5
    choose(9, "determination_days")
    assert draft_held(origin=Origin.SWEEP).days("determination") == 9


def test_the_workflow_is_kept_at_submission_and_no_later_setting_changes_it():
    cast = Cast(CODE)
    case = factories.submitted(cast)
    choose({"preset": "filing"}, of=cast.programme)
    choose(2, "opinion_days")
    walk.accept(case, cast.of)
    assert workflows.of(factories.fresh(case)).workflow.preset == "standard"
    due = set(case.tasks.filter(kind=TaskKind.OPINION).values_list("due_on", flat=True))
    assert due == {add_working_days(today(), 10)}


def test_a_case_submitted_before_workflows_goes_the_standard_way_by_the_settings_of_today():
    cast = Cast(CODE)
    case = factories.submitted(cast)
    Application.objects.filter(pk=case.pk).update(workflow={})
    choose({"preset": "light"}, of=cast.programme)
    choose(2, "opinion_days")
    held = workflows.of(factories.fresh(case))
    assert (held.workflow.preset, held.workflow.chosen) == ("standard", "earlier")
    assert (held.stages, held.days("opinion")) == (("acceptance", "opinion"), 2)


def test_light_is_taken_on_by_itself_and_asks_nobody():
    cast = Cast(CODE)
    choose({"preset": "light"}, of=cast.programme)
    case = factories.submitted(cast)
    assert (case.state, open_kinds(case)) == (CaseState.ACCEPTED, [TaskKind.DETERMINATION])
    assert case.due_on == add_working_days(today(), 5)
    kinds = [event.kind for event in events(case)]
    at = kinds.index("case.submitted")
    assert kinds[at : at + 2] == ["case.submitted", "case.acceptance_skipped"]
    walk.confirm_facts(case, cast.of)
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    assert factories.fresh(case).state == CaseState.PROPOSED


def test_filing_asks_nobody():
    cast = Cast(CODE)
    choose({"preset": "filing"}, of=cast.programme)
    case = factories.accepted(cast)
    assert open_kinds(case) == [TaskKind.DETERMINATION]


def test_where_cases_compete_the_score_comes_before_the_determination():
    cast = Cast(CODE)
    choose({"preset": "competitive", "opinions": []}, of=cast.programme)
    opened = rounds.Setting().open()
    case = factories.accepted(cast)
    assert open_kinds(case) == [TaskKind.DETERMINATION, TaskKind.SCORING]
    scoring = case.tasks.get(kind=TaskKind.SCORING)
    assert scoring.due_on == add_working_days(today(), 20)
    assert case.due_on == add_working_days(opened.round.closes_on, 20)
    walk.confirm_facts(case, cast.of)
    assert Action("propose") not in available(case, walk.preparer(case, cast.of))
    with pytest.raises(Conflict, match=r"scored|评分"):
        walk.propose(case, cast.of, {})


def test_each_bureau_is_asked_its_part():
    cast = Cast(CODE)
    own = {"miit": {"zh": "企业所属产业", "en": "Industry"}}
    choose({"parts": own, "opinions": ["miit", "tax"]}, of=cast.programme)
    case = factories.accepted(cast)
    asked = dict(case.tasks.filter(kind=TaskKind.OPINION).values_list("bureau__code", "question"))
    assert asked == {"miit": "企业所属产业", "tax": "纳税申报、地方贡献及税收违法情况。"}


def gives(cast: Cast, case: Application, code: str, position: Position) -> Opinion:
    opinions.prepare_opinion(
        case_id=case.pk,
        bureau=bureau(code),
        position=position,
        text="理由",
        user=cast.of(code, Role.PREPARER),
    )
    return opinions.approve_opinion(
        case_id=case.pk, bureau=bureau(code), user=cast.of(code, Role.APPROVER)
    )


def proposed_event(case: Application) -> dict[str, Any]:
    return events(case).filter(kind="determination.proposed").latest("id").data


@pytest.mark.parametrize(
    ("rule", "positions", "passes"),
    [
        ("all", "agree agree object", False),
        ("majority", "agree agree object", True),
        ("majority", "agree object not_concerned", False),
        ("majority", "agree not_concerned not_concerned", True),
        ("majority", "agree agree ask", False),
        ("handling", "object object object", True),
        ("handling", "agree agree ask", False),
    ],
)
def test_what_counts_as_agreement(rule, positions, passes):
    cast = Cast(CODE)
    choose({"agreement": rule, "opinions": ["drc", "miit", "market"]}, of=cast.programme)
    case = factories.accepted(cast)
    walk.confirm_facts(case, cast.of)
    for code, position in zip(("drc", "miit", "market"), positions.split(), strict=True):
        gives(cast, case, code, Position(position))
    assert (Action("propose") in available(case, walk.preparer(case, cast.of))) is passes
    if not passes:
        with pytest.raises(Conflict):
            walk.propose(case, cast.of, {})
        return
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    told = proposed_event(case)
    objected = positions.split().count("object")
    assert (told["agreement"], told["objected"], len(told["overruled"])) == (
        rule,
        objected,
        objected,
    )


def test_an_opinion_still_awaited_holds_whatever_counts_as_agreement():
    cast = Cast(CODE)
    choose({"agreement": "handling", "opinions": ["drc", "miit"]}, of=cast.programme)
    case = factories.accepted(cast)
    walk.confirm_facts(case, cast.of)
    gives(cast, case, "drc", Position.AGREE)
    assert agreement.awaited(case) == ""
    with pytest.raises(Conflict):
        walk.propose(case, cast.of, {})


@pytest.mark.parametrize("role", [Role.PREPARER, Role.APPROVER])
def test_who_gave_the_opinion_of_finance_does_not_make_its_check(role):
    cast = Cast(CODE)
    case = factories.determined(cast)
    person = cast.of("finance", role)
    factories.give_role(person, Role.FINANCE_PREPARER, "finance")
    assert Action("check") not in available(case, person)
    with pytest.raises(NotAllowed):
        finance.check(case_id=case.pk, user=person, note="已核查")
    walk.check(case, cast.of)
    assert factories.fresh(case).state == CaseState.CHECKED


def test_the_database_refuses_a_check_by_who_gave_an_opinion():
    cast = Cast(CODE)
    case = factories.determined(cast)
    rows = case.determinations.filter(state="approved")
    with pytest.raises(DatabaseError, match="neither gave an opinion"), transaction.atomic():
        rows.update(checked_by=cast.of("finance", Role.PREPARER))
    other = cast.of("finance", Role.FINANCE_PREPARER)
    assert rows.update(checked_by=other) == 1


def test_who_once_determined_the_case_does_not_check_it_after_it_was_handed_back():
    cast = Cast(CODE)
    case = factories.determined(cast)
    first = cast.of("sti", Role.PREPARER)
    walk_back(cast, case)
    second = make_staff(Role.PREPARER, "sti")
    determinations.propose(
        case_id=case.pk,
        outcome=Outcome.AWARD,
        choices={},
        reason="重新审定",
        user=walk.declared(case, second),
    )
    walk.approve(case, cast.of)
    factories.give_role(first, Role.FINANCE_PREPARER, "finance")
    with pytest.raises(NotAllowed):
        finance.check(case_id=case.pk, user=first, note="已核查")


def walk_back(cast: Cast, case: Application) -> None:
    finance.hand_back(
        case_id=case.pk, user=cast.of("finance", Role.FINANCE_PREPARER), reason="账户有误"
    )


def test_a_supplement_asks_each_bureau_its_part_again():
    cast = Cast(CODE)
    choose({"opinions": ["tax"]}, of=cast.programme)
    case = factories.accepted(cast)
    walk.give_opinions(case, cast.of)
    supplements.ask_again(case)
    again = case.tasks.get(kind=TaskKind.OPINION, state="open")
    assert again.question == "纳税申报、地方贡献及税收违法情况。"
