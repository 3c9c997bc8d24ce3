"""Staff join, move and leave; a role is one person's to give, and often a second's to confirm."""

from datetime import timedelta

import psycopg
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from rest_framework.authtoken.models import Token

from applicants.domain.outbox import send_waiting
from applicants.models import Event, User
from reviews.domain import staffing, working_days
from reviews.domain.roles import has_role, roles_of
from reviews.models import Delegation, Handover, StaffRole
from reviews.models.staff import ALONE, BUREAU_ROLES, CONFIRMED, Role
from reviews.models.task import TaskKind
from tests.api.client import Api
from tests.factories import (
    Cast,
    bureau,
    give_role,
    make_organisation,
    make_staff,
    make_user,
    qingdao,
    submitted,
)
from tests.incentives.domain.threads import at_once


@pytest.fixture
def security(db: None) -> User:
    return make_staff(Role.SECURITY)


@pytest.fixture
def second(db: None) -> User:
    return make_staff(Role.SECURITY)


def place(role: Role) -> str | None:
    if role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER):
        return "finance"
    return "sti" if role in BUREAU_ROLES else None


def granted(user: User, role: Role, by: User, code: str | None = None) -> StaffRole:
    code = code or place(role)
    return staffing.grant(
        user_id=user.pk, city=qingdao(), role=role, bureau=bureau(code) if code else None, by=by
    )


@pytest.mark.parametrize("role", Role)
def test_a_role_holds_at_once_or_waits_for_a_second_person(security, second, role):
    user = make_user(is_staff=True)
    given = granted(user, role, security)
    assert (given.is_active, has_role(user, role)) == (role not in CONFIRMED,) * 2
    if role in CONFIRMED:
        with pytest.raises(PermissionDenied):
            staffing.confirm(role_id=given.pk, by=security)
        staffing.confirm(role_id=given.pk, by=second)
    assert has_role(user, role)


def test_those_who_may_confirm_are_told(security, second):
    user = make_user(name="新任审核", is_staff=True)
    granted(user, Role.APPROVER, security)
    assert list(second.notice_set.values_list("kind", flat=True)) == ["staff.role_waits"]
    assert list(security.notice_set.values_list("kind", flat=True)) == []


@pytest.mark.parametrize("verb", ["grant", "confirm", "end_role", "leave", "sign_out", "unlock"])
def test_nobody_acts_on_oneself(security, verb):
    own = StaffRole.objects.get(user=security)
    city = qingdao()
    calls = {
        "grant": lambda: granted(security, Role.PREPARER, security),
        "confirm": lambda: staffing.confirm(role_id=own.pk, by=security),
        "end_role": lambda: staffing.end_role(role_id=own.pk, reason="x", by=security),
        "leave": lambda: staffing.leave(user_id=security.pk, city=city, reason="x", by=security),
        "sign_out": lambda: staffing.sign_out(
            user_id=security.pk, city=city, reason="x", by=security
        ),
        "unlock": lambda: staffing.unlock(user_id=security.pk, city=city, by=security),
    }
    with pytest.raises(PermissionDenied):
        calls[verb]()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SECURITY])
def test_only_a_security_administrator_gives_roles(db, role):
    other = make_staff(role, place(role))
    with pytest.raises(PermissionDenied):
        granted(make_user(is_staff=True), Role.PREPARER, other)


def test_a_superuser_gives_no_role(db):
    root = make_user(is_staff=True, is_superuser=True)
    with pytest.raises(PermissionDenied):
        granted(make_user(is_staff=True), Role.PREPARER, root)


def test_the_security_administrator_of_another_city_gives_none_here(db):
    other = make_staff(Role.SECURITY, city="dalian")
    with pytest.raises(PermissionDenied):
        granted(make_user(is_staff=True), Role.PREPARER, other)


@pytest.mark.parametrize("alone", ALONE)
def test_administrators_and_auditors_hold_nothing_else(security, alone):
    user = make_staff(alone)
    with pytest.raises(ValidationError):
        granted(user, Role.PREPARER, security)
    with pytest.raises(IntegrityError, match="administrators_apart"), transaction.atomic():
        give_role(user, Role.PREPARER, "sti")


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.PREPARER, None),
        (Role.AUDITOR, "sti"),
        (Role.FINANCE_PREPARER, "sti"),
    ],
)
def test_a_role_belongs_to_a_bureau_or_to_the_city(security, role, code):
    with pytest.raises(ValidationError) as refused:
        staffing.grant(
            user_id=make_user(is_staff=True).pk,
            city=qingdao(),
            role=role,
            bureau=bureau(code) if code else None,
            by=security,
        )
    assert list(refused.value.message_dict) == ["bureau"]


def test_a_bureau_of_another_city_is_refused(security):
    with pytest.raises(ValidationError):
        staffing.grant(
            user_id=make_user(is_staff=True).pk,
            city=qingdao(),
            role=Role.PREPARER,
            bureau=bureau("finance", "dalian"),
            by=security,
        )


RAW = "UPDATE reviews_staffrole SET {} WHERE id = %s"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("granted_by_id = user_id", "nobody_grants_to_oneself"),
        ("confirmed_by_id = user_id", "nobody_grants_to_oneself"),
        ("ended_by_id = user_id", "nobody_grants_to_oneself"),
        ("is_active = true", "signing_role_is_confirmed"),
        ("confirmed_by_id = granted_by_id", "role_confirmed_by_another"),
        ("ended_at = now()", "ended_role_gives_its_reason"),
    ],
)
def test_the_database_refuses_it_too(security, change, constraint):
    role = granted(make_user(is_staff=True), Role.APPROVER, security)
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(RAW.format(change), [role.pk])


def test_an_ended_role_can_be_given_again(security, second):
    user = make_staff(Role.APPROVER, "sti")
    role = user.staffrole_set.get()
    staffing.end_role(role_id=role.pk, reason="轮岗", by=security)
    assert not has_role(user, Role.APPROVER)
    again = granted(user, Role.APPROVER, second)
    assert (again.pk, again.waits, again.reason, again.ended_by) == (role.pk, True, "", None)


def test_an_end_gives_its_reason_and_is_written_down(security):
    role = make_staff(Role.PREPARER, "sti").staffrole_set.get()
    with pytest.raises(ValidationError):
        staffing.end_role(role_id=role.pk, reason=" ", by=security)
    staffing.end_role(role_id=role.pk, reason="调离", by=security)
    event = Event.objects.get(kind="staff_role.ended", subject=f"user:{role.user_id}")
    assert (event.actor, event.reason, event.data["role"]) == (security, "调离", "preparer")


def test_the_city_keeps_two_security_administrators(security, second):
    third = make_staff(Role.SECURITY)
    staffing.end_role(role_id=third.staffrole_set.get().pk, reason="轮岗", by=security)
    with pytest.raises(ValidationError):
        staffing.end_role(role_id=second.staffrole_set.get().pk, reason="轮岗", by=security)
    with pytest.raises(ValidationError):
        staffing.leave(user_id=second.pk, city=qingdao(), reason="离职", by=security)
    assert has_role(second, Role.SECURITY)


def test_who_joins_sets_a_password_by_a_link_that_works_once(security, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    staffing.join(
        email="New.Person@example.test",
        name="新任经办",
        city=qingdao(),
        role=Role.PREPARER,
        bureau=bureau("sti"),
        by=security,
    )
    user = User.objects.get(email="new.person@example.test")
    assert (user.is_staff, user.has_usable_password()) == (True, False)
    send_waiting()
    letter = next(one for one in mail.outbox if "/accounts/password/reset/key/" in one.body)
    link = "/accounts" + letter.body.split("/accounts", 1)[1].split()[0]
    client = Client()
    form = client.get(link, follow=True).redirect_chain[-1][0]
    new = {"password1": "granite-orchard-51", "password2": "granite-orchard-51"}
    assert client.post(form, new).status_code == 302
    user.refresh_from_db()
    assert user.check_password("granite-orchard-51")
    signed_in = Client().post(
        "/accounts/login/?next=/admin/",
        {"login": user.email, "password": "granite-orchard-51"},
    )
    assert (signed_in.status_code, signed_in.url) == (302, "/admin/")
    again = Client().get(link)  # used up: no form to set another password
    assert (again.status_code, b"password1" in again.content) == (200, False)


def test_an_applicants_clerk_may_join_with_the_account_in_use(security):
    clerk = make_user("clerk")
    given = staffing.join(
        email=clerk.email, name="x", city=qingdao(), role=Role.WINDOW, bureau=None, by=security
    )
    clerk.refresh_from_db()
    assert (given.user, clerk.is_staff, clerk.name) == (clerk, True, clerk.name)
    with pytest.raises(ValidationError):
        staffing.join(
            email=clerk.email, name="x", city=qingdao(), role=Role.WINDOW, bureau=None, by=security
        )


def in_hand(cast, user):
    case = submitted(cast)
    task = case.tasks.get(kind=TaskKind.ACCEPTANCE)
    task.assignee = user
    task.save(update_fields=["assignee"])
    return task


def test_who_leaves_has_no_right_at_the_next_request(security):
    cast = Cast("hitech-first-recognition-award")
    user = cast.of("sti", Role.PREPARER)
    task = in_hand(cast, user)
    today = working_days.today()
    deputy = make_staff(Role.PREPARER, "sti")
    delegation = Delegation.objects.create(
        user=deputy, deputy=user, bureau=bureau("sti"), starts_on=today,
        ends_on=today + timedelta(days=9), made_by=deputy,
    )  # fmt: skip
    desk, api = Client(), Api(user)
    desk.force_login(user)
    page = f"/admin/reviews/application/{task.application_id}/change/"
    assert (desk.get(page).status_code, api.send("GET", "me/").status_code) == (200, 200)

    staffing.leave(user_id=user.pk, city=qingdao(), reason="退休", by=security)

    gone = desk.get(page)
    assert (gone.status_code, gone.url.split("?")[0]) == (302, "/admin/login/")
    assert api.send("GET", "me/").status_code == 401
    for row in (user, task, delegation):
        row.refresh_from_db()
    assert (user.is_active, user.is_staff, user.has_usable_password()) == (False, False, False)
    assert (task.assignee, delegation.ended_at is not None) == (None, True)
    assert not Token.objects.filter(user=user).exists()
    assert user.staffrole_set.filter(is_active=False, ended_by=security).count() == 1
    assert list(roles_of(user)) == []


def test_open_work_goes_to_the_colleague_named(security):
    cast = Cast("hitech-first-recognition-award")
    user, colleague = cast.of("sti", Role.PREPARER), make_staff(Role.PREPARER, "sti")
    task = in_hand(cast, user)
    staffing.leave(user_id=user.pk, city=qingdao(), reason="调离", by=security, hand_to=colleague)
    task.refresh_from_db()
    row = Handover.objects.get(task=task)
    assert (task.assignee, row.handed_from, row.handed_to) == (colleague, user, colleague)
    assert (row.handed_by, row.reason) == (security, "调离")


def test_a_colleague_who_belongs_to_the_applicant_does_not_get_its_case(security):
    cast = Cast("hitech-first-recognition-award")
    user = cast.of("sti", Role.PREPARER)
    cast.clerk.is_staff = True
    cast.clerk.save(update_fields=["is_staff"])
    give_role(cast.clerk, Role.PREPARER, "sti")
    task = in_hand(cast, user)
    staffing.leave(user_id=user.pk, city=qingdao(), reason="调离", by=security, hand_to=cast.clerk)
    task.refresh_from_db()
    assert task.assignee is None


def test_work_is_not_handed_to_a_stranger(security):
    user, stranger = make_staff(Role.PREPARER, "sti"), make_staff(Role.PREPARER, "miit")
    with pytest.raises(ValidationError) as refused:
        staffing.leave(
            user_id=user.pk, city=qingdao(), reason="调离", by=security, hand_to=stranger
        )
    assert list(refused.value.message_dict) == ["hand_to"]
    assert has_role(user, Role.PREPARER)


def test_who_moves_takes_the_roles_along_but_not_the_work(security):
    cast = Cast("hitech-first-recognition-award")
    user = cast.of("sti", Role.PREPARER)
    give_role(user, Role.APPROVER, "sti")
    task = in_hand(cast, user)
    staffing.move(
        user_id=user.pk,
        from_bureau=bureau("sti"),
        to_bureau=bureau("miit"),
        reason="轮岗",
        by=security,
    )
    task.refresh_from_db()
    standing = StaffRole.objects.filter(user=user, ended_at=None).order_by("role")
    assert [(one.bureau.code, one.role, one.is_active) for one in standing] == [
        ("miit", "approver", False),
        ("miit", "preparer", True),
    ]
    assert task.assignee is None
    assert not has_role(user, Role.PREPARER, bureau=bureau("sti"))


def test_who_acts_for_a_party_keeps_the_account(security):
    user = make_staff(Role.PREPARER, "sti")
    make_organisation(user)
    staffing.leave(user_id=user.pk, city=qingdao(), reason="离职", by=security)
    user.refresh_from_db()
    assert (user.is_active, user.is_staff) == (True, False)


def test_who_works_for_another_city_too_stays_there(security):
    user = make_staff(Role.PREPARER, "sti")
    give_role(user, Role.PREPARER, "finance", "dalian")
    staffing.leave(user_id=user.pk, city=qingdao(), reason="离职", by=security)
    user.refresh_from_db()
    assert [role.city_id for role in roles_of(user)] == ["dalian"]


def test_first_administrators_are_made_on_the_host_once(db, capsys):
    people = ("first_administrators", "dalian", "--system", "a@example.test",
              "--security", "b@example.test", "--security", "c@example.test")  # fmt: skip
    with pytest.raises(CommandError):
        call_command(*people[:-2])
    call_command(*people)
    roles = StaffRole.objects.filter(city="dalian", granted_by=None, is_active=True)
    assert sorted(roles.values_list("role", flat=True)) == ["security", "security", "system"]
    assert capsys.readouterr().out.count("/accounts/password/reset/key/") == 3
    with pytest.raises(CommandError):
        call_command(*people)


def test_nobody_becomes_a_superuser(db):
    with pytest.raises(CommandError, match="first_administrators"):
        call_command("createsuperuser")


def test_two_roles_that_exclude_one_another_given_at_once(committed_db):
    """Two administrators at the same instant: one of the two roles is refused."""
    first, second = make_staff(Role.SECURITY), make_staff(Role.SECURITY)
    user = make_user(is_staff=True)
    outcomes = at_once(
        [lambda: granted(user, Role.PREPARER, first), lambda: granted(user, Role.SYSTEM, second)]
    )
    held = StaffRole.objects.filter(user=user, is_active=True).count()
    assert (held, sum(isinstance(one, ValidationError) for one in outcomes)) == (1, 1)


def both_by_sql(owner_url, user):
    """Two connections insert one role each and commit only after both have inserted, or waited."""
    insert = (
        "INSERT INTO reviews_staffrole"
        " (user_id, city_id, bureau_id, role, is_active, since, reason)"
        " VALUES (%s, 'qingdao', %s, %s, true, now(), '')"
    )
    with psycopg.connect(owner_url) as one, psycopg.connect(owner_url) as two:
        two.execute("SET lock_timeout = '1s'")
        one.execute(insert, (user.pk, bureau("sti").pk, "preparer"))
        try:
            two.execute(insert, (user.pk, None, "system"))
            two.commit()
        except psycopg.errors.LockNotAvailable:
            two.rollback()
        one.commit()
    return StaffRole.objects.filter(user=user, is_active=True).count()


def test_the_trigger_sees_a_role_that_another_connection_is_giving(committed_db, owner_url):
    assert both_by_sql(owner_url, make_user(is_staff=True)) == 1


def test_without_the_triggers_lock_both_would_be_given(committed_db, owner_url):
    """The control: the same trigger, but for its lock."""
    with psycopg.connect(owner_url) as owner:
        _name, source = owner.execute(
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
            " WHERE proname LIKE 'pgtrigger_administrators_apart%'"
        ).fetchone()
        assert "FOR NO KEY UPDATE" in source
        owner.execute(source.replace("FOR NO KEY UPDATE", ""))
    assert both_by_sql(owner_url, make_user(is_staff=True)) == 2
