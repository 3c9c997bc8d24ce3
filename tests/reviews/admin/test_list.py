"""The list: queues, order, lights, and as many queries for two hundred cases as for ten."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviews.domain import working_days
from reviews.domain.lights import IN_TIME, NEAR, OVERDUE, light, soon_from
from reviews.models import Application, CaseFact, ReviewTask
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff

LIST = "/admin/reviews/application/"


def copies(case, many):
    """The same case many times over, each with its facts and its open task."""
    made = Application.objects.bulk_create(
        Application(
            city=case.city,
            number=f"{case.number}-{serial}",
            programme=case.programme,
            version=case.version,
            applicant=case.applicant,
            handling_bureau=case.handling_bureau,
            account=case.account,
            started_by=case.started_by,
            submitted_by=case.submitted_by,
            submitted_at=case.submitted_at,
            due_on=case.due_on,
            progress_token=f"{case.pk}-{serial}",
        )
        for serial in range(many)
    )
    Application.objects.filter(pk__in=[copy.pk for copy in made]).update(state=case.state)
    facts = list(case.facts.all())
    CaseFact.objects.bulk_create(
        CaseFact(application=copy, key=fact.key, declared=fact.declared)
        for copy in made
        for fact in facts
    )
    ReviewTask.objects.bulk_create(
        ReviewTask(
            application=copy,
            bureau=case.handling_bureau,
            kind="acceptance",
            opened_at=timezone.now(),
            due_on=case.due_on,
        )
        for copy in made
    )
    return made


def queries(client, query=""):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{LIST}{query}").status_code == 200
    return len(captured)


def test_as_many_queries_for_200_cases_as_for_10(cast, desk):
    case = factories.submitted(cast)
    client = desk(cast.of("sti", Role.PREPARER))
    copies(case, 9)
    queries(client)
    few = queries(client)
    copies(factories.submitted(cast), 190)
    assert queries(client) == few


def keys(answer):
    return [tab["key"] for tab in answer.context["tabs"]]


def test_tabs_are_those_of_the_roles(cast, desk):
    preparer = desk(cast.of("sti", Role.PREPARER)).get(LIST)
    approver = desk(cast.of("sti", Role.APPROVER)).get(LIST)
    finance = desk(cast.of("finance", Role.FINANCE_PREPARER)).get(LIST)
    auditor = desk(make_staff(Role.AUDITOR)).get(LIST)
    everybody = ["mine", "waiting", "unassigned", "overdue", "others"]
    assert keys(preparer) == [*everybody, "accept", "audit", "prepare", "propose", "publicity"]
    assert keys(approver) == [
        *everybody, "accept", "give", "approve", "publicity", "award", "findings",
        "settlements", "objections", "reconsiderations",
    ]  # fmt: skip
    assert keys(finance) == [*everybody, "finance"]
    assert keys(auditor) == []


def counts(answer):
    return {tab["key"]: tab["count"] for tab in answer.context["tabs"] if tab["count"] != "0"}


@pytest.mark.parametrize(
    ("stage", "role", "expected", "others"),
    [
        (factories.submitted, Role.PREPARER, {"waiting": "1", "accept": "1"}, "0"),
        (factories.accepted, Role.PREPARER, {"waiting": "1"}, "1"),
        (factories.reviewed, Role.PREPARER, {"waiting": "1", "propose": "1"}, "0"),
        (factories.proposed, Role.PREPARER, {"waiting": "1"}, "0"),
        (factories.proposed, Role.APPROVER, {"waiting": "1", "approve": "1"}, "0"),
        (factories.determined, Role.PREPARER, {}, "1"),
        (factories.checked, Role.PREPARER, {"waiting": "1", "publicity": "1"}, "0"),
        (factories.published, Role.APPROVER, {"waiting": "1"}, "0"),
    ],
)
def test_counts_follow_the_case(cast, desk, stage, role, expected, others):
    stage(cast)
    found = counts(desk(cast.of("sti", role)).get(LIST))
    assert found.pop("unassigned", "0") == found.get("waiting", "0")
    assert found.pop("others", "0") == others
    assert found == expected


def test_opinions_wait_for_their_bureau(cast, desk):
    factories.accepted(cast)
    preparer, approver = cast.of("miit", Role.PREPARER), cast.of("miit", Role.APPROVER)
    lying = {"waiting": "1", "unassigned": "1"}
    assert counts(desk(preparer).get(LIST)) == lying | {"prepare": "1"}
    assert counts(desk(approver).get(LIST)) == lying


def test_counts_stop_at_their_ceiling(cast, desk, monkeypatch):
    monkeypatch.setattr("reviews.domain.queues.MOST_COUNTED", 3)
    copies(factories.submitted(cast), 5)
    answer = desk(cast.of("sti", Role.PREPARER)).get(LIST)
    assert counts(answer) == {"waiting": "3+", "unassigned": "3+", "accept": "3+"}


def test_the_list_opens_on_what_waits_for_the_bureau(cast, desk):
    waiting = factories.submitted(cast)
    factories.determined(cast)
    answer = desk(cast.of("sti", Role.PREPARER)).get(LIST)
    assert [case.pk for case in answer.context["cl"].result_list] == [waiting.pk]


def test_oldest_deadline_first(cast, desk):
    cases = [factories.submitted(cast) for _ in range(3)]
    days = [working_days.today() + timedelta(days=shift) for shift in (5, -2, 1)]
    for case, day in zip(cases, days, strict=True):
        case.tasks.update(due_on=day)
    answer = desk(cast.of("sti", Role.PREPARER)).get(LIST)
    listed = answer.context["cl"].result_list
    assert [case.deadline for case in listed] == sorted(days)
    assert listed[0].light is OVERDUE


def test_lights_change_at_their_days():
    today = working_days.today()
    soon = today + timedelta(days=4)
    found = [
        light(today + timedelta(days=shift), today=today, soon=soon) for shift in (-1, 0, 4, 5)
    ]
    assert found == [OVERDUE, NEAR, NEAR, IN_TIME]


def test_soon_is_three_working_days(db):
    today = working_days.today()
    assert soon_from(today) == working_days.add_working_days(today, 3)


def test_overdue_filter(cast, desk):
    late, early = factories.submitted(cast), factories.submitted(cast)
    late.tasks.update(due_on=working_days.today() - timedelta(days=1))
    client = desk(cast.of("sti", Role.PREPARER))
    by_filter = client.get(f"{LIST}?deadline=overdue").context["cl"].result_list
    by_queue = client.get(f"{LIST}?queue=overdue").context["cl"].result_list
    assert [case.pk for case in by_filter] == [case.pk for case in by_queue] == [late.pk]
    assert early.pk != late.pk


def test_the_claim_stands_beside_the_determined_amount(db, desk):
    cast = Cast("national-project-team-award")
    case = factories.proposed(cast)
    answer = desk(cast.of("sti", Role.APPROVER)).get(LIST)
    claim = answer.context["cl"].result_list[0].claim
    assert claim.determined == case.determinations.get().assessed
    assert claim.minimum < claim.maximum


def test_a_wrong_page_or_filter_is_no_error(cast, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    for query in ("?queue=nothing", "?p=99", "?task=nothing", "?deadline=nothing"):
        assert client.get(f"{LIST}{query}", follow=True).status_code == 200


def test_only_the_roles_steps_are_offered_for_many(cast, desk):
    factories.submitted(cast)
    factories.accepted(cast)
    of = {
        role: {name for name, _title in action_choices(desk(cast.of("sti", role)).get(LIST))}
        for role in (Role.PREPARER, Role.APPROVER)
    }
    assert of[Role.PREPARER] == {"", "declare", "take", "accept", "publish"}
    many = {
        "", "declare", "take", "assign", "accept", "give", "approve", "publish", "award",
        "conclude",
    }  # fmt: skip
    assert of[Role.APPROVER] == many


def action_choices(answer):
    return answer.context["action_form"].fields["action"].choices
