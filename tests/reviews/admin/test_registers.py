"""The registers at the desk: listed, filtered, paged, and each step through its form."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from incentives.models import Award, RegisterEntry
from reviews.models.staff import Role
from tests.factories import give_role, make_staff
from tests.reviews import unpaid
from tests.reviews.domain.test_entries import entry
from tests.reviews.unpaid import TITLE, VOUCHER

pytestmark = pytest.mark.django_db
LIST = "/admin/incentives/registerentry/"


def numbers(client, query=""):
    return {row.number for row in client.get(f"{LIST}{query}").context["cl"].result_list}


def post(client, one, step, **data):
    fields = {f"{step}-{key}": value for key, value in data.items()}
    return client.post(f"{LIST}{one.pk}/do/{step}/", fields)


def test_the_list_holds_the_own_bureaus_entries(desk):
    own = entry()
    entry(bureau="sti")
    client = desk(make_staff(Role.PREPARER, "miit"))
    assert numbers(client) == {own.number}
    assert desk(make_staff(Role.POLICY_EDITOR)).get(LIST).status_code == 403


def test_each_filter_narrows(desk):
    soon, later = entry(days=20), entry("listing", days=60)
    ended = entry("status", bureau="sti", days=20)
    RegisterEntry.objects.filter(pk=ended.pk).update(state="ended")
    client = desk(make_staff(Role.AUDITOR))
    assert numbers(client, "?ends=30") == {soon.number}
    assert numbers(client, "?ends=90") == {soon.number, later.number}
    assert numbers(client, "?kind__exact=listing") == {later.number}
    assert numbers(client, "?state__exact=ended") == {ended.number}
    assert numbers(client, f"?bureau__id__exact={ended.bureau_id}") == {ended.number}
    assert numbers(client, f"?q={soon.number}") == {soon.number}


def test_pages_follow_one_another_at_the_same_cost(desk, django_assert_max_num_queries):
    made = [entry() for _one in range(53)]
    client = desk(make_staff(Role.AUDITOR))
    first = client.get(LIST).context["cl"]
    assert [row.number for row in first.result_list] == [row.number for row in made[:2:-1]]
    assert numbers(client, first.older_url) == {row.number for row in made[:3]}
    with django_assert_max_num_queries(12):
        client.get(LIST)


def test_a_step_through_its_form(desk):
    one = entry()
    client = desk(make_staff(Role.APPROVER, "miit"))
    last = timezone.localdate() + timedelta(days=300)
    answer = post(client, one, "extend", note="复审合格", ends_on=last.isoformat())
    assert answer.status_code == 302
    one.refresh_from_db()
    assert (one.ends_on, one.state) == (last, "in_force")
    post(client, one, "end", note="企业注销")
    one.refresh_from_db()
    assert one.state == "ended"
    page = client.get(f"{LIST}{one.pk}/change/")
    assert [step.step.kind for step in page.context["steps"]] == ["extend", "end"]
    assert page.context["offers"] == []


@pytest.mark.parametrize(
    ("step", "data", "wrong"),
    [
        ("end", {"note": ""}, ["note"]),
        ("extend", {"note": "复审", "ends_on": ""}, ["ends_on"]),
        ("extend", {"note": "复审", "ends_on": "2001-01-01"}, ["ends_on"]),
    ],
)
def test_what_is_wrong_comes_back_beside_its_field(desk, step, data, wrong):
    one = entry(days=5)
    answer = post(desk(make_staff(Role.APPROVER, "miit")), one, step, **data)
    form = next(o.form for o in answer.context["offers"] if o.form.step == step)
    assert (answer.status_code, list(form.errors)) == (422, wrong)
    one.refresh_from_db()
    assert one.state == "in_force"


def test_a_preparer_is_not_offered_what_is_an_approvers(desk):
    one = entry()
    client = desk(make_staff(Role.PREPARER, "miit"))
    assert client.get(f"{LIST}{one.pk}/change/").context["offers"] == []
    assert post(client, one, "end", note="撤销").status_code == 403
    assert post(client, one, "burn", note="撤销").status_code == 404


def test_another_bureaus_entry_does_not_exist(desk):
    one = entry()
    client = desk(make_staff(Role.APPROVER, "sti"))
    for tail in ("change/", "certificate/", "do/end/"):
        assert client.get(f"{LIST}{one.pk}/{tail}").status_code == 404


def test_a_voucher_is_redeemed_at_the_desk(desk):
    cast, one = unpaid.concluded(VOUCHER)
    client = desk(cast.of(cast.handling, Role.APPROVER))
    client.cookies["django_language"] = "en"
    page = client.get(f"{LIST}{one.pk}/change/")
    assert (page.context["figure_name"], page.context["figure"]) == ("Face value", "CNY 200,000.00")
    much = post(client, one, "redeem", amount="200000.01", note="发票")
    assert much.status_code == 422
    post(client, one, "redeem", amount="150000", note="合同和发票")
    one.refresh_from_db()
    award = Award.objects.get(case_number=one.case_number)
    assert (one.state, award.state, award.amount) == (
        "fulfilled",
        "committed",
        Decimal("150000.00"),
    )


def test_the_certificate_carries_number_level_and_holder(desk):
    cast, one = unpaid.concluded(TITLE)
    approver = cast.of(cast.handling, Role.APPROVER)
    text = desk(approver).get(f"{LIST}{one.pk}/certificate/").content.decode()
    for words in (one.number, "单项冠军企业", cast.party.name, "大连市"):
        assert words in text


def test_an_entry_of_the_other_city_does_not_exist(desk):
    _cast, one = unpaid.concluded(TITLE)
    for role, bureau in ((Role.APPROVER, "miit"), (Role.AUDITOR, None)):
        stranger = make_staff(role, bureau)
        assert numbers(desk(stranger)) == set()
        assert desk(stranger).get(f"{LIST}{one.pk}/change/").status_code == 404
        give_role(stranger, role, bureau, "dalian")
        assert numbers(desk(stranger)) == {one.number}
