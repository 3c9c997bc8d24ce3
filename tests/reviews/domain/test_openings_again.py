"""What stands in the books already is not opened anew, however another list writes it."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from django.test import Client

from applicants.domain.errors import Conflict, Refused
from applicants.models import Party
from incentives.models import Award, Counter, RegistryImport
from incentives.models.registry import ImportKind
from reviews.domain import sweeps_lists
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api
from tests.factories import make_user
from tests.registry_lists import csv_file
from tests.reviews.domain.test_openings import (
    AWARD,
    BALANCE,
    LISTING,
    RENEWAL,
    Books,
    by_certificate,
    code,
    problems,
    renewed,
    sound,
)
from tests.reviews.domain.test_party_changes import Registry

pytestmark = pytest.mark.django_db
CERTIFICATE = f"{RENEWAL}.certificate_number"
TEAM = "national-project-team-award"


@pytest.fixture
def books(db: None) -> Books:
    return Books()


@pytest.fixture
def party(db: None) -> Party:
    return new_party()


def new_party() -> Party:
    return factories.make_organisation(make_user())


def listed(party: Party, amount: str = "1000000", year: str = "") -> list[str]:
    return [code(party), LISTING, "enterprise", year, amount]


def bring_balances(books: Books, *rows: Sequence[str]) -> RegistryImport:
    return books.bring(csv_file(BALANCE, rows), ImportKind.BALANCES)


def open_balances(books: Books, *rows: Sequence[str]) -> RegistryImport:
    return books.open(BALANCE, *rows, kind=ImportKind.BALANCES)


def used(party: Party) -> Decimal:
    key = f"cap:{LISTING}:enterprise:applicant={party.pk}"
    return Counter.objects.get(key=key).used


def test_a_balance_of_another_file_is_not_opened_again(books: Books, party: Party) -> None:
    open_balances(books, listed(party))
    again = bring_balances(books, listed(new_party()), listed(party, "1200000"))
    assert list(problems(again)) == [3]
    told = problems(again)[3]["cap"]
    assert "1000000.00" in told
    assert "名单.csv" in told
    with pytest.raises(Refused):
        sweeps_lists.take_list(found=again, user=books.approver)
    assert used(party) == 1000000


def test_an_opening_balance_opens_to_its_list(books: Books, party: Party) -> None:
    open_balances(books, listed(party))
    auditor = factories.make_staff(Role.AUDITOR)
    client = Client()
    client.force_login(auditor)
    counter = Counter.objects.get(used=1000000)
    page = client.get(f"/admin/incentives/counter/{counter.pk}/change/").content.decode()
    assert "名单.csv" in page
    [entry] = Api(auditor).get(f"caps/{counter.pk}/entries/")["results"]
    told = [entry[name] for name in ("amount", "entry", "opening_list", "opening_row")]
    assert told == ["1000000.00", None, "名单.csv", 2]


def test_two_lists_that_were_looked_through_before_either_was_taken(
    books: Books, party: Party
) -> None:
    first = bring_balances(books, listed(party))
    second = bring_balances(books, listed(new_party()), listed(party))
    assert problems(first) == problems(second) == {}
    sweeps_lists.take_list(found=first, user=books.approver)
    with pytest.raises(Conflict):
        sweeps_lists.take_list(found=second, user=books.approver)
    assert used(party) == 1000000


def test_one_list_has_one_balance_of_a_counter(books: Books, party: Party) -> None:
    rows = [[*listed(party, year="2021"), "GR1"], [*listed(party, year="2022"), "GR2"]]
    found = books.bring(csv_file((*BALANCE, CERTIFICATE), rows), ImportKind.BALANCES)
    assert {row: list(told) for row, told in problems(found).items()} == {3: ["cap"]}


def test_other_years_of_a_yearly_cap_are_other_balances(books: Books, party: Party) -> None:
    years = [[code(party), TEAM, "unit_year", year, "1000"] for year in ("2024", "2025")]
    open_balances(books, *years)
    again = bring_balances(books, *years)
    assert list(problems(again)) == [2, 3]


def test_a_balance_that_passed_to_a_successor_stands_there(books: Books, party: Party) -> None:
    open_balances(books, listed(party))
    successor = new_party()
    Registry().merge(party, successor)
    again = bring_balances(books, listed(new_party()), listed(party))
    assert list(problems(again)) == [3]
    assert used(successor) == 1000000


def test_an_award_with_another_column_is_the_same_award(books: Books, party: Party) -> None:
    books.open(by_certificate(), renewed(party))
    again = books.bring(csv_file((*by_certificate(), "sector"), [[*renewed(party), "services"]]))
    assert "number" in problems(again)[2]


def test_an_award_is_recognised_whatever_the_row_above_leaves_empty(
    books: Books, party: Party
) -> None:
    headings = (*by_certificate(), "sector")
    row = [*renewed(party), "services"]
    books.open(headings, row)
    above = [*renewed(new_party(), "GR202037100003"), ""]
    again = books.bring(csv_file(headings, [above, row]))
    assert {number: list(told) for number, told in problems(again).items()} == {3: ["number"]}
    turned = books.bring(csv_file((*AWARD, "sector", CERTIFICATE), [[*row[:5], "", row[5]]]))
    assert "number" in problems(turned)[2]


def test_within_a_list_too(books: Books, party: Party) -> None:
    headings = (*by_certificate(), "sector")
    rows = [[*renewed(party), "services"], [*renewed(party), ""]]
    found = books.bring(csv_file(headings, rows))
    assert {number: list(told) for number, told in problems(found).items()} == {3: ["number"]}


def test_an_award_that_another_cap_counts_is_another(books: Books, party: Party) -> None:
    books.open(by_certificate(), renewed(party))
    books.open(by_certificate(), renewed(party, "GR202037100003"))
    assert Award.objects.filter(applicant=party).count() == 2
    assert sound()


def test_a_number_of_its_own_tells_two_awards_of_one_day_apart(books: Books, party: Party) -> None:
    row = [code(party), LISTING, "青金〔2021〕1号", "2021-05-04", "1000"]
    books.open(AWARD, row)
    assert "number" in problems(books.bring(csv_file(AWARD, [row])))[2]
    books.open(AWARD, [*row[:2], "青金〔2021〕1号之二", *row[3:]])
    assert used(party) == 2000
