"""The desk of cases that pay nothing: their forms, their words, and no sum of zero anywhere."""

import re

import pytest
from django.utils.translation import override

from incentives.models import RegisterEntry
from reviews.domain.queries import cases_for_staff
from reviews.domain.queues import cases_in, desk_of, queues_of
from reviews.models.determination import DeterminationState
from reviews.models.staff import Role
from tests import factories
from tests.factories import fresh, make_staff
from tests.reviews import unpaid
from tests.reviews.unpaid import SUPPORT, TITLE, VOUCHER

pytestmark = pytest.mark.django_db
LIST = "/admin/reviews/application/"
ZERO = re.compile(r"(?<![\d,.])0\.00(?!\d)")


def page(client, case):
    return client.get(f"{LIST}{case.pk}/change/")


def post(client, case, name, **data):
    fields = {f"{name}-{key}": value for key, value in data.items()}
    return client.post(f"{LIST}{case.pk}/do/{name}/", fields)


def offered(answer):
    return {offer.action.name: offer.form for offer in answer.context["offers"]}


def reviewed(code):
    cast, facts, _choices = unpaid.cast_of(code)
    return cast, factories.reviewed(cast, facts)


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (TITLE, ["outcome", "ends_on", "reason"]),
        (SUPPORT, ["outcome", "terms", "ends_on", "reason"]),
        ("r-visa", ["outcome", "ends_on", "reason"]),
        ("hitech-renewal-award", ["outcome", "reason"]),
    ],
)
def test_a_proposal_asks_what_the_outcome_needs(desk, code, asked):
    cast, case = reviewed(code)
    form = offered(page(desk(cast.of(cast.handling, Role.PREPARER)), case))["propose"]
    assert list(form.fields) == asked


def test_the_printed_bound_stands_beside_the_last_day(desk):
    cast, case = reviewed("r-visa")
    form = offered(page(desk(cast.of(cast.handling, Role.PREPARER)), case))["propose"]
    assert "10" in form.fields["ends_on"].help_text


def test_missing_terms_come_back_beside_their_field(desk):
    cast, case = reviewed(SUPPORT)
    client = desk(cast.of(cast.handling, Role.PREPARER))
    answer = post(client, case, "propose", outcome="award", reason="符合条件")
    assert (answer.status_code, list(offered(answer)["propose"].errors)) == (422, ["terms"])
    post(client, case, "propose", outcome="award", reason="符合条件", terms="工位20个，一年")
    assert case.determinations.get().terms == "工位20个，一年"
    approver = desk(cast.of(cast.handling, Role.APPROVER))
    assert "工位20个，一年" in page(approver, case).content.decode()


def test_a_recognition_goes_its_way_through_the_forms(desk):
    cast, case = reviewed(TITLE)
    preparer = desk(cast.of(cast.handling, Role.PREPARER))
    approver = desk(cast.of(cast.handling, Role.APPROVER))
    post(preparer, case, "propose", outcome="award", reason="符合条件")
    post(approver, case, "approve")
    assert fresh(case).state == "determined"
    post(preparer, case, "publish")
    assert list(offered(page(approver, case))) == ["conclude"]
    post(approver, case, "conclude", reason="连工信〔2026〕1号")
    assert fresh(case).state == "concluded"
    entry = RegisterEntry.objects.get(case_number=case.number)
    assert entry.number in page(approver, case).content.decode()


def test_refused_without_money_is_called_not_granted(desk):
    cast, case = reviewed(TITLE)
    post(
        desk(cast.of(cast.handling, Role.PREPARER)),
        case,
        "propose",
        outcome="refuse",
        reason="评审未通过",
    )
    post(desk(cast.of(cast.handling, Role.APPROVER)), case, "approve")
    with override("en"):
        assert (fresh(case).state, case.get_state_display()) == ("refused", "not granted")
    assert case.determinations.get().state == DeterminationState.APPROVED


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", [TITLE, SUPPORT, "r-visa"])
def test_no_page_of_the_desk_shows_a_sum_of_zero(desk, code, language):
    cast, case = unpaid.determined(code)
    client = desk(cast.of(cast.handling, Role.APPROVER))
    client.cookies["django_language"] = language
    for address in (f"{LIST}{case.pk}/change/", f"{LIST}?queue=all"):
        text = client.get(address).content.decode()
        assert ZERO.findall(text) == []
        assert case.number in text


def test_many_are_concluded_at_once_and_awards_left_out(desk):
    cast, case = unpaid.published(TITLE)
    approver = desk(cast.of(cast.handling, Role.APPROVER))
    preview = approver.post(LIST, {"action": "conclude", "_selected_action": [case.pk]})
    assert [line.conferred for line in preview.context["lines"]] == ["市级培育企业"]
    assert "0.00" not in preview.content.decode()
    approver.post(f"{LIST}bulk/conclude/", {"case": [case.pk]})
    assert fresh(case).state == "concluded"


def test_finance_has_vouchers_and_never_what_is_not_paid(desk):
    _cast, case = unpaid.determined(TITLE)
    finance = make_staff(Role.FINANCE_PREPARER, "finance", "dalian")
    assert list(cases_for_staff(finance)) == []
    assert page(desk(finance), case).status_code == 404
    waiting = [list(cases_in(queue.key, desk_of(finance))) for queue in queues_of(desk_of(finance))]
    assert [found for found in waiting if found] == []
    _cast, voucher = unpaid.determined(VOUCHER)
    assert list(cases_for_staff(make_staff(Role.FINANCE_PREPARER, "finance"))) == [voucher]
