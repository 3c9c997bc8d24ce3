"""The page of a member of staff, and who sees which pages of staff and security."""

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.utils import timezone

from applicants.models import Event, User
from reviews.admin.access import RoleAdmin
from reviews.models.staff import BUREAU_ROLES, Role
from tests.factories import bureau, make_staff, make_user

STAFF = "/admin/applicants/user/"
SECURITY_PAGES = {
    STAFF: {Role.SECURITY, Role.SYSTEM, Role.AUDITOR},
    f"{STAFF}add/": {Role.SECURITY},
    "/admin/reviews/staffrole/": {Role.SECURITY, Role.AUDITOR},
    "/admin/axes/accessattempt/": {Role.SECURITY, Role.AUDITOR},
    "/admin/axes/accessfailurelog/": {Role.SECURITY, Role.AUDITOR},
    "/admin/axes/accesslog/": {Role.SECURITY, Role.AUDITOR},
    "/admin/reviews/casereading/": {Role.AUDITOR},
    "/admin/reviews/casereading/export.csv": {Role.AUDITOR},
    "/admin/applicants/event/": {Role.AUDITOR},
}


def page(user, step="", role=None):
    if not step:
        return f"{STAFF}{user.pk}/change/"
    return f"{STAFF}{user.pk}/do/{step}/" + (f"?role={role.pk}" if role else "")


@pytest.fixture
def security(db):
    return make_staff(Role.SECURITY)


def holder(role):
    finance = role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    return make_staff(role, ("finance" if finance else "sti") if role in BUREAU_ROLES else None)


@pytest.mark.parametrize("role", [*Role, "superuser"])
def test_who_opens_the_pages_of_staff_and_security(desk, role):
    root = role == "superuser"
    client = desk(make_user(is_staff=True, is_superuser=True) if root else holder(role))
    opened = {url for url in SECURITY_PAGES if client.get(url).status_code == 200}
    assert opened == {url for url, roles in SECURITY_PAGES.items() if role in roles}


def test_every_page_of_the_desk_asks_for_roles():
    """Django's own permissions open everything to a superuser; ours open nothing to one."""
    by_permission = {
        model._meta.label
        for model, found in admin.site._registry.items()
        if not isinstance(found, RoleAdmin)
    }
    assert by_permission == set()


def test_a_superuser_finds_an_empty_desk(desk):
    client = desk(make_user(is_staff=True, is_superuser=True))
    assert client.get("/admin/").context["app_list"] == []


def test_staff_of_another_city_are_not_shown(desk, security):
    other = make_staff(Role.PREPARER, "finance", "dalian")
    client = desk(security)
    assert other.email not in client.get(STAFF).content.decode()
    assert client.get(page(other)).status_code == 404


def test_a_new_colleague_is_invited(desk, security):
    fields = {"email": "new@example.test", "name": "新任", "role": "preparer",
              "bureau": bureau("sti").pk}  # fmt: skip
    answer = desk(security).post(f"{STAFF}add/", fields)
    user = User.objects.get(email="new@example.test")
    assert (answer.status_code, answer.url) == (302, page(user))
    assert (user.has_usable_password(), user.staffrole_set.get().is_active) == (False, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "nobody"), ("name", ""), ("role", "king"), ("bureau", ""), ("bureau", "0")],
)
def test_what_is_wrong_with_an_invitation_is_said_beside_its_field(desk, security, field, value):
    fields = {"email": "new@example.test", "name": "新任", "role": "preparer",
              "bureau": bureau("sti").pk, field: value}  # fmt: skip
    answer = desk(security).post(f"{STAFF}add/", fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not User.objects.filter(email="new@example.test").exists()


def test_two_administrators_make_an_approver_and_one_ends_it(desk, security):
    user, first, second = make_staff(Role.PREPARER, "sti"), security, make_staff(Role.SECURITY)
    fields = {"grant-role": "approver", "grant-bureau": bureau("sti").pk}
    assert desk(first).post(page(user, "grant"), fields).status_code == 302
    role = user.staffrole_set.get(role="approver")
    assert "confirm" not in names(desk(first).get(page(user)))
    assert desk(first).post(page(user, "confirm", role)).status_code == 403
    assert "confirm" in names(desk(second).get(page(user)))
    assert desk(second).post(page(user, "confirm", role)).status_code == 302
    role.refresh_from_db()
    assert (role.is_active, role.granted_by, role.confirmed_by) == (True, first, second)
    end = f"end-{role.pk}"
    assert desk(first).post(page(user, "end", role), {f"{end}-reason": ""}).status_code == 422
    assert desk(first).post(page(user, "end", role), {f"{end}-reason": "轮岗"}).status_code == 302
    role.refresh_from_db()
    assert (role.is_active, role.reason) == (False, "轮岗")


def names(answer):
    rows = [offer.name for _role, steps in answer.context["roles"] for offer in steps]
    return {*rows, *(offer.name for offer in answer.context["offers"])}


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.AUDITOR])
def test_who_reads_staff_gives_no_role(desk, role):
    user, client = make_staff(Role.PREPARER, "sti"), desk(make_staff(role))
    shown = names(client.get(page(user)))
    assert shown == ({"rename"} if role == Role.SYSTEM else set())
    for step in ("grant", "end", "leave", "move", "sign_out", "unlock"):
        assert client.post(page(user, step), {}).status_code == 403
    assert user.staffrole_set.get().is_active


def test_the_own_page_offers_nothing(desk, security):
    client = desk(security)
    assert names(client.get(page(security))) == set()
    assert client.post(page(security, "leave"), {"leave-reason": "x"}).status_code == 403


def test_moving_and_leaving(desk, security):
    user = make_staff(Role.PREPARER, "sti")
    fields = {"move-from_bureau": bureau("sti").pk, "move-to_bureau": bureau("miit").pk,
              "move-reason": "轮岗"}  # fmt: skip
    assert desk(security).post(page(user, "move"), fields).status_code == 302
    assert user.staffrole_set.get(is_active=True).bureau == bureau("miit")
    assert desk(security).post(page(user, "leave"), {"leave-reason": "离职"}).status_code == 302
    user.refresh_from_db()
    assert (user.is_active, user.staffrole_set.filter(is_active=True).count()) == (False, 0)
    assert desk(security).get(page(user)).status_code == 200


def test_a_lock_is_shown_and_lifted(desk, security):
    user = make_staff(Role.PREPARER, "sti")
    AccessAttempt.objects.create(
        username=user.email, ip_address="127.0.0.1", user_agent="", http_accept="", path_info="",
        get_data="", post_data="", failures_since_start=5, attempt_time=timezone.now(),
    )  # fmt: skip
    client = desk(security)
    assert "unlock" in names(client.get(page(user)))
    assert client.post(page(user, "unlock")).status_code == 302
    assert "unlock" not in names(client.get(page(user)))
    assert Event.objects.filter(kind="staff.unlocked", actor=security).count() == 1


def test_the_system_administrator_corrects_a_name(desk):
    user, client = make_staff(Role.PREPARER, "sti"), desk(make_staff(Role.SYSTEM))
    assert client.post(page(user, "rename"), {"rename-name": "市科技局 经办"}).status_code == 302
    user.refresh_from_db()
    assert user.name == "市科技局 经办"


@pytest.mark.parametrize("url", [STAFF, "/admin/reviews/staffrole/"])
def test_a_list_asks_as_much_for_many_as_for_few(
    desk, security, url, django_assert_max_num_queries
):
    client = desk(security)
    client.get(url)
    counted = []
    for _round in range(2):
        with django_assert_max_num_queries(60) as asked:
            client.get(url)
        counted.append(len(asked))
        for _more in range(5):
            make_staff(Role.PREPARER, "sti")
    assert counted[0] == counted[1]
