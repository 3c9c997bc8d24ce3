"""What a list of earlier awards or balances is read by: the year, the rules in force, persons."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.models import Party
from incentives.domain.settings import change_setting
from incentives.models import Award, Counter, ProgrammeVersion
from incentives.models.registry import ImportKind
from reviews.demo.walk import identity
from reviews.domain import sweeps_lists
from tests import factories
from tests.factories import make_user, valid_uscc
from tests.registry_lists import csv_file
from tests.reviews.domain.test_openings import (
    AWARD,
    BALANCE,
    LISTING,
    Books,
    by_certificate,
    code,
    problems,
    renewed,
)
from tests.reviews.domain.test_openings_again import TEAM, bring_balances, new_party, open_balances

pytestmark = pytest.mark.django_db
HOME = "settling-in-allowance"
PERSONS = (
    "统一社会信用代码", "身份证号", *AWARD[1:], f"{HOME}.home_certificate_number", f"{HOME}.degree",
)  # fmt: skip


@pytest.fixture
def books(db: None) -> Books:
    return Books()


@pytest.fixture
def party(db: None) -> Party:
    return new_party()


@pytest.mark.parametrize(("year", "faulty"), [("", ["year"]), ("2025", []), ("99", ["year"])])
def test_a_yearly_cap_asks_the_year(
    books: Books, party: Party, year: str, faulty: list[str]
) -> None:
    found = bring_balances(books, [code(party), TEAM, "unit_year", year, "1000"])
    assert list(problems(found).get(2, {})) == faulty


def test_a_balance_counts_in_its_year_whenever_it_is_taken(books: Books, party: Party) -> None:
    with time_machine.travel(datetime(2026, 12, 30, tzinfo=UTC)):
        found = bring_balances(books, [code(party), TEAM, "unit_year", "2026", "1000"])
    with time_machine.travel(datetime(2027, 1, 3, tzinfo=UTC)):
        sweeps_lists.take_list(found=found, user=books.approver)
    counter = Counter.objects.get(key__startswith=f"cap:{TEAM}:unit_year:applicant={party.pk}")
    assert counter.key.endswith(":2026")


def test_a_cap_that_counts_by_the_year_of_a_fact_asks_that_fact_alone(
    books: Books, party: Party
) -> None:
    reward, fact = "tech-sme-rd-reward", "tech-sme-rd-reward.expense_year"
    row = [code(party), reward, "one_claim_a_year", "", "1", "2024"]
    books.open((*BALANCE, fact), row, kind=ImportKind.BALANCES)
    key = f"cap:{reward}:one_claim_a_year:applicant={party.pk}:2024"
    assert Counter.objects.get(key=key).used == 1


def test_a_reading_by_the_year_asks_the_year_as_well(books: Books, party: Party) -> None:
    read_as("enterprise_cap_period", "year")
    row = [code(party), LISTING, "enterprise", "", "1000"]
    assert list(problems(bring_balances(books, row))[2]) == ["year"]
    open_balances(books, [*row[:3], "2025", row[4]])
    assert Counter.objects.get(key__endswith=f":applicant={party.pk}:2025").used == 1000


def test_nothing_is_counted_of_an_event_that_only_warns(books: Books, party: Party) -> None:
    read_as("two_documents", "warn")
    found = bring_balances(books, [code(party), LISTING, "listing", "", "1000"])
    assert list(problems(found)[2]) == ["cap"]


def read_as(key: str, value: str) -> None:
    programme = factories.programme(LISTING)
    change_setting(
        city=programme.city, programme=programme, key=key, value=value, basis="会议纪要",
        actor=make_user(),
    )  # fmt: skip


def test_a_version_to_come_counts_nothing_yet(books: Books, party: Party) -> None:
    coming(LISTING, lambda rules: rules["caps"][0].update(id="from_next_month"))
    open_balances(books, [code(party), LISTING, "enterprise", "", "1000"])
    other = new_party()
    books.open(AWARD, [code(other), LISTING, "青金〔2021〕1号", "2021-05-04", "1000"])
    keys = Counter.objects.filter(kind="cap").values_list("key", flat=True)
    assert {key.split(":")[2] for key in keys} == {"enterprise"}
    assert Award.objects.get().version == factories.programme(LISTING).current


def coming(programme: str, alter: Callable[[dict[str, Any]], object]) -> None:
    """A version that is in force from next month on."""
    latest = factories.programme(programme).current
    rules = json.loads(latest.definition)
    alter(rules)
    ProgrammeVersion.objects.create(
        programme=latest.programme, number=latest.number + 1, digest="1" * 64,
        definition=json.dumps(rules, ensure_ascii=False),
        in_force_from=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip


def test_a_row_is_an_organisations_or_a_persons(books: Books, party: Party) -> None:
    number = person()
    rows = [
        [code(party), number, *given(1)],
        [valid_uscc(), number, *given(2)],
        ["", number[:-1], *given(3)],
        ["", number, *given(4)],
    ]
    found = books.bring(csv_file(PERSONS, rows))
    told = {row: list(columns) for row, columns in problems(found).items()}
    assert told == {2: ["uscc"], 3: ["uscc"], 4: ["identity"]}


def person() -> str:
    number = identity()
    factories.parties.person_payee(name="测试人员", id_number=number)
    return number


def given(number: int) -> list[str]:
    return [
        HOME,
        f"青人社〔2020〕{number}号",
        "2020-12-03",
        "150000",
        f"LD-2020-{number}",
        "doctor",
    ]


def of_persons(books: Books, count: int) -> tuple[int, int]:
    return asked(books, PERSONS, [["", person(), *given(one)] for one in range(1, count + 1)])


def of_organisations(books: Books, count: int) -> tuple[int, int]:
    rows = [renewed(new_party(), f"GR2020371{one:05d}") for one in range(count)]
    return asked(books, by_certificate(), rows)


def of_balances(books: Books, count: int) -> tuple[int, int]:
    rows = [[code(new_party()), LISTING, "enterprise", "", "1000"] for _ in range(count)]
    return asked(books, BALANCE, rows, ImportKind.BALANCES)


def asked(
    books: Books, headings: tuple[str, ...], rows: list[list[str]], kind: str = ImportKind.AWARDS
) -> tuple[int, int]:
    """Queries to look a list through, and to take it in but for the entry of each row."""
    with CaptureQueriesContext(connection) as looking:
        found = books.bring(csv_file(headings, rows), kind)
    assert problems(found) == {}
    with CaptureQueriesContext(connection) as taking:
        sweeps_lists.take_list(found=found, user=books.approver)
    return len(looking), len(taking)


@pytest.mark.parametrize("of", [of_persons, of_organisations, of_balances])
def test_more_rows_ask_no_more(books: Books, of: Callable[[Books, int], tuple[int, int]]) -> None:
    of(books, 1)
    assert of(books, 3) == of(books, 12)
