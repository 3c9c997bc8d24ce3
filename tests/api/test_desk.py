"""The desk through the API: work, notes, queues, history and delegations."""

from datetime import timedelta

import pytest

from reviews.domain.working_days import today
from reviews.models import CaseNote, Handover
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api, errors
from tests.factories import make_staff

CODE = "enterprise-tech-centre-award"  # 市发展改革委 handles it


@pytest.fixture
def cast(db: None) -> factories.Cast:
    return factories.Cast(CODE)


def test_assign_take_and_give_back(cast: factories.Cast) -> None:
    case = factories.submitted(cast)
    task, first, second = (
        case.tasks.get(),
        make_staff(Role.PREPARER, "drc"),
        make_staff(Role.PREPARER, "drc"),
    )
    chief = Api(make_staff(Role.LEADER, "drc"))
    body = {"task": task.pk, "to": first.email}
    for _again in range(2):
        chief.post(f"cases/{case.pk}/assign/", body, Idempotency_Key="one")
    assert Handover.objects.count() == 1
    again = chief.post(f"cases/{case.pk}/assign/", body | {"to": second.email}, 400)
    assert list(errors(again)) == ["reason"]
    Api(first).post(f"cases/{case.pk}/give-back/", {"task": task.pk, "reason": "出差"})
    Api(second).post(f"cases/{case.pk}/take-task/", {"task": task.pk})
    assert case.tasks.get().assignee == second
    Api(first).post(f"cases/{case.pk}/take-task/", {"task": task.pk}, 409)


def test_nobody_is_named_from_outside(cast: factories.Cast) -> None:
    case = factories.submitted(cast)
    chief = Api(make_staff(Role.LEADER, "drc"))
    for email in (cast.clerk.email, make_staff(Role.PREPARER, "sti").email, "nobody@example.test"):
        body = {"task": case.tasks.get().pk, "to": email}
        assert list(errors(chief.post(f"cases/{case.pk}/assign/", body, 400))) == ["to"]
    other = factories.submitted(cast).tasks.get().pk
    answer = chief.post(f"cases/{case.pk}/take-task/", {"task": other}, 400)
    assert list(errors(answer)) == ["task"]


def test_notes_are_for_the_reviewers(cast: factories.Cast) -> None:
    case = factories.accepted(cast)
    author, other = cast.of("drc", Role.PREPARER), cast.of("market", Role.PREPARER)
    body = {"text": "请核实", "mentions": [other.email]}
    for _again in range(2):
        Api(author).post(f"cases/{case.pk}/notes/", body, 201, Idempotency_Key="note")
    assert CaseNote.objects.count() == 1
    (note,) = Api(other).get(f"cases/{case.pk}/notes/")
    assert (note["text"], note["mentions"]) == ("请核实", [str(other)])
    Api(make_staff(Role.PREPARER, "drc")).get(f"cases/{case.pk}/notes/", 403)
    Api(cast.clerk).get(f"cases/{case.pk}/notes/", 404)
    assert "请核实" not in str(Api(cast.clerk).get(f"applications/{case.pk}/"))


def test_queues_and_their_cases(cast: factories.Cast) -> None:
    case = factories.submitted(cast)
    api = Api(cast.of("drc", Role.PREPARER))
    counts = {row["key"]: row["count"] for row in api.get("queues/")}
    assert (counts["unassigned"], counts["mine"]) == ("1", "0")
    assert [row["id"] for row in api.get("cases/?queue=unassigned")["results"]] == [case.pk]
    assert api.get("cases/?queue=mine")["results"] == []
    assert Api(cast.clerk).get("queues/") == []


def test_the_full_history(cast: factories.Cast) -> None:
    case = factories.accepted(cast)
    api = Api(cast.of("drc", Role.PREPARER))
    entries = api.get(f"cases/{case.pk}/full-history/")
    assert {entry["group"] for entry in entries} >= {"filing", "review", "reading"}
    only = api.get(f"cases/{case.pk}/full-history/?show=filing")
    assert {entry["group"] for entry in only} == {"filing"}
    Api(cast.clerk).get(f"cases/{case.pk}/full-history/", 404)


def test_delegations(cast: factories.Cast) -> None:
    absent, deputy = make_staff(Role.APPROVER, "drc"), make_staff(Role.PREPARER, "drc")
    body = {
        "absent": absent.email, "deputy": deputy.email, "city": "qingdao", "bureau": "drc",
        "starts_on": str(today()), "ends_on": str(today() + timedelta(days=3)),
    }  # fmt: skip
    refused = Api(absent).post("delegations/", body | {"deputy": cast.clerk.email}, 400)
    assert list(errors(refused)) == ["deputy"]
    made = Api(absent).post("delegations/", body, 201)
    assert [row["id"] for row in Api(deputy).get("delegations/")["results"]] == [made["id"]]
    roles = {(role["bureau"], role["role"]) for role in Api(deputy).get("me/")["roles"]}
    assert ("drc", "approver") in roles
    Api(make_staff(Role.PREPARER, "sti")).post(f"delegations/{made['id']}/end/", {}, 404)
    assert Api(deputy).post(f"delegations/{made['id']}/end/")["ended_at"]
    Api(deputy).post(f"delegations/{made['id']}/end/", {}, 409)
