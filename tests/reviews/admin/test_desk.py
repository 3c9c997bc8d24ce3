"""On the page of a case and above the list: work handed on, notes, saved views, delegations."""

from datetime import timedelta

from reviews.domain.delegations import delegations_for
from reviews.domain.working_days import today
from reviews.models import CaseNote, Delegation, SavedView
from reviews.models.staff import Role
from tests import factories
from tests.factories import make_staff
from tests.reviews.domain.test_delegations import lend

LIST = "/admin/reviews/application/"
DELEGATIONS = "/admin/reviews/delegation/"


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def test_take_assign_and_lay_back_on_the_page(cast, desk):
    case = factories.submitted(cast)
    task = case.tasks.get()
    preparer, chief = cast.of("sti", Role.PREPARER), cast.of("sti", Role.LEADER)
    other = make_staff(Role.PREPARER, "sti")
    base = f"{LIST}{case.pk}/tasks/{task.pk}"
    desk(preparer).post(f"{base}/take/")
    assert case.tasks.get().assignee == preparer
    page = desk(chief).get(f"{LIST}{case.pk}/change/").context["desk"]["work"]
    assert [line["form"] is not None for line in page] == [True]
    prefix = f"task-{task.pk}"
    refused = desk(chief).post(f"{base}/assign/", {f"{prefix}-to": other.pk}, follow=True)
    assert len(told(refused)) == 1
    assert case.tasks.get().assignee == preparer
    desk(chief).post(f"{base}/assign/", {f"{prefix}-to": other.pk, f"{prefix}-reason": "出差"})
    assert case.tasks.get().assignee == other
    desk(other).post(f"{base}/back/", {f"{prefix}-reason": "退回"})
    assert case.tasks.get().assignee is None


def test_odd_tasks_and_steps(cast, desk):
    case, other = factories.submitted(cast), factories.submitted(cast)
    client = desk(cast.of("sti", Role.PREPARER))
    for path in (
        f"{case.pk}/tasks/{other.tasks.get().pk}/take/",
        f"{case.pk}/tasks/{case.tasks.get().pk}/eat/",
    ):
        assert client.post(f"{LIST}{path}").status_code == 404
    assert client.get(f"{LIST}{case.pk}/tasks/{case.tasks.get().pk}/take/").status_code == 302


def test_a_note_from_the_page(cast, desk):
    case = factories.accepted(cast)
    other = cast.of("miit", Role.PREPARER)
    client = desk(cast.of("sti", Role.PREPARER))
    path = f"{LIST}{case.pk}/notes/"
    answer = client.post(path, {"note-text": f"@{other.name} 请看", "note-mentions": []})
    assert (answer.status_code, answer.url[-6:]) == (302, "#notes")
    page = client.get(f"{LIST}{case.pk}/change/").content.decode()
    assert f"@{other.name} 请看" in page
    typed = client.post(path, {"note-text": "保留的文字", "note-mentions": [cast.clerk.pk]})
    assert "保留的文字" in typed.content.decode()
    assert CaseNote.objects.count() == 1


def test_auditors_read_notes_and_write_none(cast, desk):
    case = factories.accepted(cast)
    client = desk(make_staff(Role.AUDITOR))
    assert client.get(f"{LIST}{case.pk}/change/").context["desk"]["note_form"] is None
    assert client.post(f"{LIST}{case.pk}/notes/", {"note-text": "x"}).status_code == 200
    assert CaseNote.objects.count() == 0


def test_views_are_saved_opened_renamed_and_deleted(cast, desk):
    factories.submitted(cast)
    client = desk(cast.of("sti", Role.PREPARER))
    answer = client.post(f"{LIST}views/", {"name": "待受理", "query": "queue=accept&p=1"})
    assert answer.url == f"{LIST}?queue=accept"
    saved = client.get(answer.url).context["saved"]
    assert [(view["name"], view["open"]) for view in saved] == [("待受理", True)]
    view = SavedView.objects.get()
    client.post(f"{LIST}views/{view.pk}/rename/", {"name": "今日受理"})
    assert SavedView.objects.get().name == "今日受理"
    stranger = desk(make_staff(Role.PREPARER, "sti"))
    stranger.post(f"{LIST}views/{view.pk}/delete/")
    client.get(f"{LIST}views/{view.pk}/delete/")
    assert SavedView.objects.count() == 1
    client.post(f"{LIST}views/{view.pk}/delete/")
    assert SavedView.objects.count() == 0


def test_a_view_of_nothing_is_told(cast, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    answer = client.post(f"{LIST}views/", {"name": "", "query": ""}, follow=True)
    assert (len(told(answer)), SavedView.objects.count()) == (1, 0)


def test_filter_by_whose_work_it_is(cast, desk):
    case, free = factories.submitted(cast), factories.submitted(cast)
    preparer = cast.of("sti", Role.PREPARER)
    client = desk(preparer)
    client.post(f"{LIST}{case.pk}/tasks/{case.tasks.get().pk}/take/")

    def found(value):
        answer = client.get(f"{LIST}?queue=all&assignee={value}", follow=True)
        return {one.pk for one in answer.context["cl"].result_list}

    assert (found("me"), found("nobody")) == ({case.pk}, {free.pk})
    assert found("999999") == {case.pk, free.pk}
    assert client.get(LIST).context["chosen"] == "mine"


def test_a_delegation_from_its_page(cast, desk):
    absent, deputy = make_staff(Role.APPROVER, "sti"), make_staff(Role.PREPARER, "sti")
    day = today() + timedelta(days=2)
    form = {"absent": absent.pk, "deputy": deputy.pk, "starts_on": today(), "ends_on": day}
    assert desk(absent).get(f"{DELEGATIONS}add/").status_code == 200
    wrong = desk(absent).post(f"{DELEGATIONS}add/", form | {"ends_on": "2020-01-01"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["ends_on"])
    desk(absent).post(f"{DELEGATIONS}add/", form)
    delegation = Delegation.objects.get()
    assert desk(deputy).get(f"{DELEGATIONS}{delegation.pk}/change/").context["may_end"] is True
    desk(deputy).post(f"{DELEGATIONS}{delegation.pk}/change/")
    assert Delegation.objects.get().ended_at is not None


def test_only_the_leader_chooses_who_is_away(cast, desk):
    preparer, leader = make_staff(Role.PREPARER, "sti"), make_staff(Role.LEADER, "sti")
    people = {
        who: set(desk(who).get(f"{DELEGATIONS}add/").context["form"].fields["absent"].queryset)
        for who in (preparer, leader)
    }
    assert people == {preparer: {preparer}, leader: {preparer, leader}}


def test_delegations_are_for_those_concerned(cast, desk):
    delegation = lend(make_staff(Role.APPROVER, "sti"), make_staff(Role.PREPARER, "sti"))
    stranger = make_staff(Role.PREPARER, "miit")
    assert desk(stranger).get(f"{DELEGATIONS}{delegation.pk}/change/").status_code == 404
    assert desk(stranger).get(DELEGATIONS).status_code == 200
    assert list(delegations_for(stranger)) == []
    auditor = desk(make_staff(Role.AUDITOR))
    assert auditor.get(f"{DELEGATIONS}{delegation.pk}/change/").context["may_end"] is False
    assert auditor.get(f"{DELEGATIONS}add/").status_code == 403
