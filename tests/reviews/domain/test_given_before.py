"""Awards of earlier years in the books: of the year they were given in, and in a clause's cost."""

import pytest
from django.utils import timezone, translation

from applicants.models import Party
from incentives.domain import statement, year_close
from incentives.domain.ledger import entries, totals
from incentives.domain.ledger_filter import LedgerFilter
from incentives.models import LedgerEntry
from tests import factories
from tests.factories import make_user
from tests.reviews.domain.test_openings import (
    AWARD,
    LISTING,
    Books,
    by_certificate,
    code,
    renewed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db: None) -> Books:
    return Books()


@pytest.fixture
def party(db: None) -> Party:
    return factories.make_organisation(make_user())


def test_it_is_no_money_of_this_houses_years_and_counts_in_what_a_clause_has_cost(
    books: Books, party: Party
) -> None:
    """What a clause has cost since it was in force would be too little without it."""
    books.open(by_certificate(), renewed(party))
    rows = entries(cities=["qingdao"], wanted=LedgerFilter(applicant=code(party)))
    assert [(line.stage, line.amount) for line in totals(rows)] == [("opening", 100000)]
    [line] = statement.statement(rows, "clause")
    assert {stage: amount for stage, amount in line.amounts.items() if amount} == {
        "opening": 100000
    }
    assert (line.cost, line.cases, statement.cases_of(rows)) == (100000, 1, 1)


def test_it_stands_in_the_year_and_quarter_it_was_given_in(books: Books, party: Party) -> None:
    books.open(by_certificate(), renewed(party))
    rows = entries(cities=["qingdao"], wanted=LedgerFilter())
    with translation.override("en"):
        told = {by: statement.statement(rows, by)[0].label for by in ("year", "quarter")}
    assert told == {"year": "2020", "quarter": "2020, quarter 4"}
    given = LedgerFilter(year=2020, quarter=4)
    assert [entry.stage for entry in entries(cities=["qingdao"], wanted=given)] == ["opening"]
    for wanted in (LedgerFilter(year=2020, quarter=3), LedgerFilter(year=timezone.now().year)):
        assert not entries(cities=["qingdao"], wanted=wanted).exists()


def test_a_year_that_is_closed_here_takes_in_what_was_given_before(
    books: Books, party: Party
) -> None:
    year = timezone.localdate().year - 1
    close = year_close.prepare(city=books.city, year=year, user=make_user())
    year_close.close_year(close_id=close.pk, user=make_user())
    row = [code(party), LISTING, "青金〔2021〕1号", f"{year}-05-04", "100000"]
    books.open(AWARD, row)
    assert LedgerEntry.objects.get().year == year
