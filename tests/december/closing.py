"""January: the year is closed by two, and whoever writes behind the close is refused."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import money, year_close
from incentives.models import Award, LedgerEntry, YearClose
from reviews.domain import budgeting
from tests.december.books import fen
from tests.december.city import SHANGHAI, City
from tests.december.deciding import Given
from tests.december.plan import Ask, asked

Attempt = tuple[type[Exception], Callable[[], object]]


def close(city: City) -> YearClose:
    prepared = budgeting.prepare_close(city=city.place, year=city.year, user=city.preparer)
    closed = budgeting.close_year(close_id=prepared.pk, user=city.approver)
    for line in year_close.lines_of(closed):
        key = f"budget:{line.budget}"
        city.books.add(key, "lapsed", fen(line.lapses))
        city.books.add(key, "carried", fen(line.carries))
        if line.into:
            city.books.add(f"budget:{line.into}", "put in", fen(line.carries))
            city.books.add(key, "put in", -fen(line.carries))
    return closed


def not_refused(city: City, close: YearClose, public: list[Given]) -> list[str]:
    """Which of the ways to write into the closed year were let through."""
    attempts = dict(_attempts(city, close, public))
    let_through = [what for what, attempt in attempts.items() if not _refused(*attempt)]
    city.say(f"  {len(attempts) - len(let_through)} of {len(attempts)} ways behind it refused")
    return [f"not refused after the close: {what}" for what in let_through]


def _refused(expected: type[Exception], attempt: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            attempt()
            transaction.set_rollback(True)
    except expected:
        return True
    return False


def _attempts(city: City, close: YearClose, public: list[Given]) -> Iterable[tuple[str, Attempt]]:
    last = datetime(city.year + 1, 1, 1, tzinfo=SHANGHAI) - timedelta(microseconds=1)
    told = {"at": last, "actor": city.director, "reason": "补记"}
    roomy = max(year_close.lines_of(close), key=lambda line: line.lapses if line.programme else 0)
    version = next(one for one in city.versions if one.programme.code == roomy.programme)
    ask = Ask(f"QD-{city.year}-LATE", version, city.parties[0], 1_00)
    more = {"budget_id": roomy.budget, "amount": Decimal(1), "basis": "b", "user": city.preparer}
    unlimited = replace(asked(city, ask), counters=[])  # by nothing but the budget
    many = partial(money.reserve_many, city_code=city.place.pk, wanted=[unlimited])
    yield "a determination", (Conflict, partial(many, at=last, actor=city.director))
    if public:
        award = Award.objects.get(pk=public[0].award)
        yield "a commitment", (Conflict, partial(money.commit, award=award, **told))
        yield "a release", (Conflict, partial(money.release, award=award, **told))
    yield "a supplement", (Conflict, partial(budgeting.prepare, kind="supplement", **more))
    yield "a reduction", (Conflict, partial(budgeting.prepare, kind="reduction", **more))
    again = partial(budgeting.prepare_close, city=city.place, year=city.year, user=city.preparer)
    yield "a second close", (Conflict, again)
    opened = partial(YearClose.objects.update, closed_at=None, closed_by=None)
    yield "opening it again", (DatabaseError, opened)
    entries = LedgerEntry.objects.filter(year=city.year)
    yield "another amount in the ledger", (DatabaseError, partial(entries.update, amount=1))
    yield "a row put into it", (DatabaseError, partial(_copy, entries.latest("pk")))


def _copy(entry: LedgerEntry) -> None:
    entry.pk, entry.posted_at = None, timezone.now() - timedelta(days=20)
    entry.save(force_insert=True)
