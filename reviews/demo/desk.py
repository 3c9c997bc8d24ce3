"""Work handed out, a colleague away, notes between bureaus, and views kept: by the verbs."""

from datetime import timedelta

from applicants.models import User
from incentives.models import Bureau
from reviews.demo import people, walk
from reviews.demo.cases import staff_of
from reviews.domain import assignments, delegations, notes, saved_views
from reviews.domain.working_days import today
from reviews.models import Application, Delegation
from reviews.models.staff import Role
from reviews.models.task import TaskState

AWAY = timedelta(days=14)
NOTED = "national-project-team-award"
GIVEN_OUT = ("enterprise-tech-centre-award", NOTED, "top500-entry-award")


def make_desk() -> None:
    """Once: a demo that is taken up again keeps what was done in it."""
    if Delegation.objects.exists():
        return
    for code in GIVEN_OUT:
        for case in _cases(code):
            _give_out(case)
    _send_away("sti")
    for case in _cases(NOTED):
        _discuss(case)
    _keep_views("sti")


def _cases(code: str) -> list[Application]:
    found = Application.objects.filter(programme__code=code, number__isnull=False)
    return list(found.select_related("city", "programme", "handling_bureau"))


def _person(code: str, role: Role) -> User:
    return staff_of(people.CITY)(code, role)


def _give_out(case: Application) -> None:
    """The handling bureau's leader gives its task out; one of another bureau takes its own."""
    for task in case.tasks.filter(state=TaskState.OPEN).select_related("bureau"):
        preparer = _person(task.bureau.code, Role.PREPARER)
        if task.bureau_id == case.handling_bureau_id:
            leader = _person(task.bureau.code, Role.LEADER)
            assignments.assign(task_id=task.pk, to=preparer, user=leader)
            continue
        assignments.take(task_id=task.pk, user=preparer)
        return


def _send_away(code: str) -> None:
    absent = _person(code, Role.APPROVER)
    delegations.delegate(
        absent=absent,
        deputy=_person(code, Role.LEADER),
        bureau=Bureau.objects.get(city=people.CITY, code=code),
        starts_on=today(),
        ends_on=today() + AWAY,
        user=absent,
    )


def _discuss(case: Application) -> None:
    code = case.handling_bureau.code
    author, leader = _person(code, Role.PREPARER), _person(code, Role.LEADER)
    for person in (author, leader):
        walk.declared(case, person)
    notes.write_note(
        case_id=case.pk,
        text=f"@{leader} 到账凭证有两份，金额合计与申报一致，请审定前再看一眼日期。",
        user=author,
    )
    notes.write_note(case_id=case.pk, text="日期已核，均在政策有效期内。", user=leader)


def _keep_views(code: str) -> None:
    preparer = _person(code, Role.PREPARER)
    for name, query in (("三日内到期", "queue=waiting&deadline=soon"), ("我的在审", "queue=mine")):
        saved_views.save_view(name=name, query=query, user=preparer)
