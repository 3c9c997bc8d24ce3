"""The books in memory against the money functions: any sequence, to the fen and to the counter."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applicants.domain.errors import Conflict, Refused
from incentives.domain import money, pools
from incentives.domain.counters import CounterRequest
from incentives.models import Award, Counter, Programme
from incentives.policy import books
from incentives.policy.books import Books, Fund, FundTooSmall, NotReserved
from tests.incentives.factories import make_party, make_user, qingdao, reserve

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
CODES = ("national-innovation-platform-award", "national-project-team-award")
YEARS = (2026, 2027)

# Each key keeps its unit; a change of a reading makes a cap or an event only counted, and back.
KEYS: dict[str, tuple[str, tuple[str, ...], int]] = {
    "cap:a": ("yuan", ("cap", "tally"), 0),
    "cap:b": ("yuan", ("cap", "tally"), 1),
    "cap:n": ("awards", ("cap", "tally"), 1),
    "cap:r": ("rows", ("cap", "tally"), 0),
    "event:e": ("yuan", ("event", "tally"), 2),
    "event:o": ("awards", ("event",), 2),
    "tally:t": ("yuan", ("tally",), 3),
}
yuan = st.integers(0, 3000).map(lambda fen: Decimal(fen) / 100)


@st.composite
def requests(draw: st.DrawFn) -> list[CounterRequest]:
    found = []
    for key in draw(st.lists(st.sampled_from(sorted(KEYS)), unique=True)):
        unit, kinds, heat = KEYS[key]
        limit = draw(yuan) if unit == "yuan" else Decimal(draw(st.integers(0, 4)))
        times = draw(st.integers(1, 3)) if unit == "rows" else 1
        kind = draw(st.sampled_from(kinds))
        found.append(CounterRequest(key, kind, unit, heat, limit, key, times))
    return found


@dataclass(frozen=True)
class Reserve:
    assessed: Decimal
    programme: str
    year: int
    payer: str
    asked: list[CounterRequest]


@dataclass(frozen=True)
class GiveBack:
    which: int
    part: Decimal | None  # None: all of it


@dataclass(frozen=True)
class SetPool:
    code: str
    year: int
    limit: Decimal


POOLS = {"both": frozenset(CODES), "first": frozenset(CODES[:1]), "all": frozenset[str]()}
steps = st.lists(
    st.one_of(
        st.builds(
            Reserve, yuan, st.sampled_from(CODES), st.sampled_from(YEARS),
            st.sampled_from(("city", "district")), requests(),
        ),
        st.builds(GiveBack, st.integers(0, 30), st.none() | yuan),
        st.builds(SetPool, st.sampled_from(sorted(POOLS)), st.sampled_from(YEARS), yuan),
    ),
    min_size=4,
    max_size=25,
)  # fmt: skip


class Both:
    """Takes every step in the database and in the books, and compares all that can be seen."""

    def __init__(self) -> None:
        self.books = Books()
        self.actor, self.party = make_user(), make_party()
        self.programmes = {row.code: row for row in Programme.objects.filter(code__in=CODES)}
        self.awards: list[tuple[str, int]] = []
        self.number = 0

    def take(self, step: Reserve | GiveBack | SetPool) -> None:
        getattr(self, type(step).__name__.lower())(step)
        self.compare()

    def reserve(self, step: Reserve) -> None:
        self.number += 1
        ref = f"case {self.number}"
        real = reserve(
            str(step.assessed), caps=step.asked, programme=self.programmes[step.programme],
            applicant=self.party, actor=self.actor, case_number=ref, payer=step.payer,
            at=datetime(step.year, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI),
        )  # fmt: skip
        made = self.books.reserve(
            ref, programme=step.programme, year=step.year, assessed=step.assessed,
            requests=step.asked, payer=step.payer,
        )  # fmt: skip
        assert made.amount == real.amount
        assert [seen(cut) for cut in made.cuts] == [seen(cut) for cut in real.cuts]
        assert (real.award is None) == (made.amount == 0)
        if real.award is not None:
            self.awards.append((ref, real.award))

    def giveback(self, step: GiveBack) -> None:
        if not self.awards:
            return
        ref, pk = self.awards[step.which % len(self.awards)]
        told = {
            "award": Award.objects.get(pk=pk), "at": timezone.now(), "actor": self.actor,
            "reason": "退回",
        }  # fmt: skip
        if step.part is None:
            real, made = money.release, self.books.release
            self.alike(lambda: real(**told), lambda: made(ref))
        else:
            part = step.part
            self.alike(
                lambda: money.redeem(**told, amount=part), lambda: self.books.redeem(ref, part)
            )

    def setpool(self, step: SetPool) -> None:
        members = POOLS[step.code]
        self.alike(
            lambda: pools.set_pool(
                city=qingdao(), code=step.code, year=step.year, title=step.code,
                limit=step.limit, programmes=[self.programmes[code] for code in members],
                basis="会议纪要", actor=self.actor,
            ),
            lambda: self.books.set_fund(Fund(step.code, "pool", step.year, members), step.limit),
        )  # fmt: skip

    def alike(self, real: Any, made: Any) -> None:
        """Both do it, or both refuse."""
        try:
            with transaction.atomic():
                real()
        except (Conflict, Refused):
            with pytest.raises((NotReserved, FundTooSmall)):
                made()
        else:
            made()

    def compare(self) -> None:
        rows = Counter.objects.filter(city="qingdao")
        real = {row.key: (row.kind, row.unit, row.limit, row.used) for row in rows}
        made = {
            key: (one.kind, one.unit, one.limit, one.used)
            for key, one in self.books.counters.items()
        }
        assert made == real
        amounts = {row.case_number: (row.amount, row.state) for row in Award.objects.all()}
        assert amounts == {ref: (a.amount, a.state) for ref, a in self.books.awards.items()}


def seen(cut: Any) -> tuple[Any, ...]:
    return cut.key, cut.kind, cut.unit, cut.limit, cut.used, cut.room


def run(sequence: list[Any]) -> None:
    """In a savepoint of its own, so that the next sequence starts on empty counters."""
    with transaction.atomic():
        both = Both()
        for step in sequence:
            both.take(step)
        transaction.set_rollback(True)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_any_sequence_comes_to_the_same_fen_in_the_books_and_in_the_database(
    sequence: list[Any],
) -> None:
    run(sequence)


CAP = CounterRequest("cap:a", "cap", "yuan", 0, Decimal("10.00"), "a")
EVENT = CounterRequest("event:e", "event", "yuan", 2, Decimal("30.00"), "e")


def reserving(amount: str, *asked: CounterRequest) -> Reserve:
    return Reserve(Decimal(amount), CODES[0], 2026, "city", list(asked))


TOLD = [
    reserving("7.00", CAP, replace(EVENT, limit=Decimal(7))),
    reserving("30.00", EVENT),
    GiveBack(0, None),
    SetPool("both", 2026, Decimal("25.00")),
    reserving("9.99", CAP, replace(EVENT, limit=Decimal("9.99"))),
    GiveBack(1, Decimal("20.01")),
    reserving("9.99", CAP, EVENT),
    GiveBack(3, Decimal("5.00")),
    reserving("9.99", replace(EVENT, limit=Decimal("9.99"))),
]


def test_a_told_sequence_agrees() -> None:
    run(TOLD)


@pytest.mark.parametrize("fault", ["room", "take"])
def test_control_a_fault_in_the_books_is_seen(monkeypatch: Any, fault: str) -> None:
    if fault == "room":
        monkeypatch.setattr(books, "room_of", lambda request, room, assessed: room + 1)
    else:
        good = books.take
        monkeypatch.setattr(
            books, "take", lambda way, ref, amount, assessed: good(way, ref, amount, amount)
        )
    with pytest.raises((AssertionError, IntegrityError)):
        run(TOLD)
