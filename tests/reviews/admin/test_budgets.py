"""Budgets at finance's desk: who may take which step, and figures that open to their entries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.templatetags.huiqi import yuan
from incentives.models import Budget, BudgetChange, Counter, Fund, Programme
from incentives.policy.outcomes import PAYING
from reviews.domain import outlooks
from reviews.models import Outlook
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.factories import any_programme, make_award, make_budget, make_fund, reserve
from tests.reviews.admin.conftest import Desk

BUDGETS, FUNDS, YEAR = "/admin/incentives/budget/", "/admin/incentives/fund/", 2030


@pytest.fixture
def preparer(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_PREPARER, "finance"))


@pytest.fixture
def approver(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_APPROVER, "finance"))


def typed(**other: object) -> dict[str, object]:
    fund = other.get("fund") or make_fund().pk
    return {
        "fund": fund, "year": YEAR, "planned": "1000.00", "funding_source": "财指1号",
        "subject_code": "2060404", "basis": "年度预算", "allotment": "first_come",
    } | other  # fmt: skip


def page(budget: Budget) -> str:
    return f"{BUDGETS}{budget.pk}/change/"


def test_a_budget_is_prepared_by_one_and_approved_by_another(
    preparer: Client, approver: Client
) -> None:
    assert preparer.post(f"{BUDGETS}add/", typed()).status_code == 302
    budget, change = Budget.objects.get(), BudgetChange.objects.get()
    step = {"step": "approve", "change": change.pk}
    refused = preparer.post(page(budget), step)
    assert (refused.status_code, Budget.objects.get().opened) == (422, False)
    assert approver.post(page(budget), step).status_code == 302
    budget.refresh_from_db()
    assert (budget.planned, budget.opened) == (Decimal("1000.00"), True)
    assert approver.post(page(budget), step).status_code == 422


def test_the_first_page_tells_who_can_sign_that_a_change_waits(
    preparer: Client, approver: Client
) -> None:
    make_budget("1000.00", year=YEAR + 1)
    link = f"{BUDGETS}?waiting=yes"
    assert link not in approver.get("/admin/").content.decode()
    preparer.post(f"{BUDGETS}add/", typed())
    assert link in approver.get("/admin/").content.decode()
    assert link not in preparer.get("/admin/").content.decode()
    listed = approver.get(link).context["cl"].result_list
    assert [budget.year for budget in listed] == [YEAR]


def test_a_budget_needs_a_fund_first(preparer: Client) -> None:
    assert f"{FUNDS}add/" in preparer.get(f"{BUDGETS}add/").content.decode()
    make_fund()
    assert f"{FUNDS}add/" not in preparer.get(f"{BUDGETS}add/").content.decode()


def test_only_programmes_that_pay_are_offered_by_bureau(preparer: Client) -> None:
    field = preparer.get(f"{FUNDS}add/").context["form"]["programmes"].field
    offered = {one.instance for _bureau, rows in field.choices for one, _title in rows}
    assert {one.city_id for one in offered} == {"qingdao"}
    paying = Programme.objects.filter(city="qingdao", case_type__in=PAYING)
    assert offered == set(paying) < set(Programme.objects.filter(city="qingdao"))


def test_a_change_is_prepared_refused_at_its_field_and_dropped(
    preparer: Client, approver: Client
) -> None:
    budget = make_budget("1000.00", year=YEAR)
    change = {"step": "prepare", "kind": "reduction", "amount": "1000.01", "basis": "b"}
    answer = preparer.post(page(budget), change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["amount"]
    answer = preparer.post(page(budget), change | {"kind": "transfer", "amount": "1"})
    assert list(answer.context["form"].errors) == ["taken_from"]
    source = make_budget("50.00", year=YEAR)
    moved = change | {"kind": "transfer", "amount": "20", "taken_from": source.pk}
    assert preparer.post(page(budget), moved).status_code == 302
    made = budget.changes.get(kind="transfer")
    drop = {"step": "drop", "change": made.pk}
    assert approver.post(page(budget), drop).status_code == 422
    assert approver.post(page(budget), drop | {"reason": "重复"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "cancelled"


@pytest.mark.parametrize(
    ("field", "value"),
    [("planned", "0"), ("planned", "x"), ("year", "1999"), ("basis", ""), ("funding_source", " ")],
)
def test_a_wrong_value_is_said_at_its_field(preparer: Client, field: str, value: str) -> None:
    answer = preparer.post(f"{BUDGETS}add/", typed(**{field: value}))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_a_fund_is_set_up(preparer: Client, approver: Client) -> None:
    values = {
        "city": "qingdao", "code": "science", "name_zh": "科技专项资金", "name_en": "Science",
        "programmes": [any_programme().pk],
    }  # fmt: skip
    assert approver.post(f"{FUNDS}add/", values).status_code == 403
    answer = preparer.post(f"{FUNDS}add/", values | {"programmes": []})
    assert list(answer.context["form"].errors) == ["programmes"]
    assert preparer.post(f"{FUNDS}add/", values).status_code == 302
    fund = Fund.objects.get()
    assert "科技专项资金" in preparer.get(FUNDS).content.decode()
    assert preparer.get(f"{FUNDS}{fund.pk}/change/").status_code == 200


def test_every_figure_opens_to_what_it_is_the_sum_of(approver: Client) -> None:
    budget = make_budget("1000.00", year=timezone.localdate().year)
    reserve("100.01")
    make_award("200.02")
    shown = approver.get(page(budget)).content.decode()
    for name, amount in [("reserved", "100.01"), ("committed", "200.02"), ("paid", "0.00")]:
        path = f"{BUDGETS}{budget.pk}/entries/{name}/"
        assert path in shown
        assert yuan(amount) in shown
        opened = approver.get(path)
        assert sum(row.amount for row in opened.context["rows"]) == Decimal(amount)
    assert yuan("699.97") in shown
    older = approver.get(f"{BUDGETS}{budget.pk}/entries/reserved/?before=1")
    assert (older.context["rows"], older.context["total"]) == ([], Decimal("100.01"))
    assert approver.get(f"{BUDGETS}{budget.pk}/entries/wished/").status_code == 404


def test_an_auditor_reads_and_takes_no_step(desk: Desk) -> None:
    budget = make_budget("1000.00", year=YEAR)
    reader = desk(make_staff(Role.AUDITOR))
    for path in (BUDGETS, page(budget), f"{BUDGETS}{budget.pk}/entries/paid/"):
        assert reader.get(path).status_code == 200
    prepare = {"step": "prepare", "kind": "supplement", "amount": "1", "basis": "b"}
    assert reader.post(page(budget), prepare).status_code == 403
    assert reader.get(f"{BUDGETS}add/").status_code == 403
    assert budget.changes.count() == 1


@pytest.mark.parametrize("who", [(Role.LEADER, "sti", "qingdao"), (Role.AUDITOR, None, "dalian")])
def test_others_see_no_budget(desk: Desk, who: tuple[Role, str | None, str]) -> None:
    budget = make_budget("1000.00", year=YEAR)
    reader = desk(make_staff(*who))
    for path in (page(budget), f"{BUDGETS}{budget.pk}/entries/paid/"):
        assert reader.get(path).status_code in (403, 404)


def test_the_list_asks_as_often_however_long_it_is(approver: Client) -> None:
    make_budget("10.00", year=YEAR)
    asked = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert approver.get(BUDGETS).status_code == 200
        asked.append(len(queries))
        for number in range(4):
            make_budget("10.00", year=YEAR + number, programme=any_programme())
    assert asked[0] == asked[1]


def test_a_budget_asks_as_often_however_much_has_changed(approver: Client) -> None:
    budget = make_budget("10.00", year=YEAR)
    other, asked = make_staff(Role.FINANCE_PREPARER, "finance"), []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert approver.get(page(budget)).status_code == 200
        asked.append(len(queries))
        for _number in range(4):
            BudgetChange.objects.create(
                budget=make_budget("9.00", year=YEAR), kind="transfer", amount=1,
                taken_from=budget, basis="b", prepared_by=other,
            )  # fmt: skip
    assert asked[0] == asked[1]


def test_the_cap_of_a_budget_has_words(approver: Client) -> None:
    budget = make_budget("10.00", year=YEAR)
    counter = Counter.objects.get(key=budget.key)
    shown = approver.get("/admin/incentives/counter/").content.decode()
    assert str(budget) in shown
    assert approver.get(f"/admin/incentives/counter/{counter.pk}/change/").status_code == 200


def test_the_outlook_is_asked_for_and_shown(preparer: Client) -> None:
    budget = make_budget("1000.00", year=timezone.localdate().year)
    assert preparer.post(page(budget), {"step": "outlook"}).status_code == 302
    assert outlooks.run_all() == 1
    shown = preparer.get(page(budget)).context["outlook"]
    assert (shown.room, shown.asked, shown.short, shown.first) == (1000, 0, 0, None)
    auditor = make_staff(Role.AUDITOR)
    client = Client()
    client.force_login(auditor)
    assert client.post(page(budget), {"step": "outlook"}).status_code in (302, 403)
    assert Outlook.objects.count() == 1
    broken = Outlook.objects.create(city_id="qingdao", year=YEAR, state="given_up", attempts=5)
    told = preparer.get(page(budget))
    assert (told.context["latest"], told.context["outlook"]) == (broken, shown)
    assert broken.get_state_display() in told.content.decode()
