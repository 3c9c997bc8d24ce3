"""An outlook grants exactly what reserving would, one by one; what waits is found, and shown."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import NotAllowed
from applicants.models import Event
from incentives.domain.counters import CounterRequest
from incentives.domain.pools import set_pool
from incentives.models import CapExcess, Programme
from reviews.domain import applications, outlook_asks, outlook_deciding, outlook_limits, outlooks
from reviews.domain.cases import note
from reviews.domain.outlook_deciding import decide, one_moment
from reviews.models import Application, Outlook, OutlookAsk, OutlookDecision, OutlookLimit
from reviews.models.outlook import ATTEMPTS, KEPT
from reviews.models.staff import Role
from tests.factories import Cast, make_staff, submitted
from tests.incentives.factories import (
    cap,
    make_budget,
    make_fund,
    make_party,
    make_user,
    qingdao,
    reserve,
)

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
SHARES = [
    {"payer": "city", "share": Decimal("0.6")},
    {"payer": "district", "share": Decimal("0.4")},
]
KINDS = [("cap", "yuan"), ("cap", "yuan"), ("tally", "yuan"), ("event", "yuan"),
         ("cap", "awards"), ("cap", "rows")]  # fmt: skip


class World:
    """Cases of three programmes: the city pays one, shares another, a district pays the third."""

    def __init__(self, rng: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rng, self.user = rng, make_user()
        self.programmes = list(Programme.objects.filter(city="qingdao").order_by("pk")[:3])
        paying = zip(self.programmes, ("city", "shared", "district"), ([], SHARES, []), strict=True)
        self.payers = {one.pk: (payer, shares) for one, payer, shares in paying}
        monkeypatch.setattr(outlook_limits, "rules_of", self._rules)
        monkeypatch.setattr(outlook_deciding, "BLOCK", rng.choice([3, 7, 1000]))
        self._limits()
        self.cases = [self._case() for _ in range(40)]

    def _rules(self, version: Any) -> Any:
        payer, shares = self.payers[version.programme_id]
        payers = [SimpleNamespace(**share) for share in shares]
        return SimpleNamespace(payers=payers, roles=SimpleNamespace(payer=payer))

    def _limits(self) -> None:
        whole = make_fund(*self.programmes)
        make_budget(f"{self.rng.randint(900, 4000)}.01", year=YEAR, fund=whole)
        for programme in self.programmes[:2]:
            planned = f"{self.rng.randint(300, 2000)}.00"
            make_budget(planned, year=YEAR, fund=whole, programme=programme)
        set_pool(
            city=qingdao(), code="all", year=YEAR, title="t", basis="b", actor=self.user,
            limit=Decimal(self.rng.randint(700, 4000)), programmes=[],
        )  # fmt: skip

    def _case(self) -> tuple[Application, Decimal, list[CounterRequest]]:
        version = self.rng.choice(self.programmes).current
        case = Application.objects.create(
            city=qingdao(), programme=version.programme, version=version, applicant=make_party(),
            handling_bureau=version.programme.handling_bureau, started_by=self.user,
            number=f"OUT-{self.rng.random()}", progress_token=str(self.rng.random()),
        )  # fmt: skip
        case.accepted_at = timezone.now()
        requests = self._requests()
        if requests and self.rng.random() < 0.1:
            self._excess(case, self.rng.choice(requests).key)
        amount = Decimal(self.rng.randint(1, 20_000)) / 100
        return case, amount, requests

    def _requests(self) -> list[CounterRequest]:
        found = []
        for number in self.rng.sample(range(12), self.rng.randint(0, 5)):
            kind, unit = KINDS[number % len(KINDS)]
            limit = f"{self.rng.randint(50, 400)}.{number:02d}"
            if unit != "yuan":
                limit = str(self.rng.randint(1, 4))
            elif kind == "cap" and number < 6:
                limit = "300.00"  # the same for all, as a cap is; others differ by version
            one = cap(f"{number} {unit}", limit, kind=kind, unit=unit, heat=number % 4)
            if number in (3, 9) and self.rng.random() < 0.3:  # counted for another reading
                one = cap(one.key, one.limit, kind="tally", unit=unit, heat=number % 4)
            times = self.rng.randint(1, 3) if unit == "rows" else 1
            found.append(CounterRequest(**{
                name: getattr(one, name) for name in ("key", "kind", "unit", "heat", "limit", "id")
            }, times=times))  # fmt: skip
        return found

    def _excess(self, case: Application, key: str) -> None:
        excess = CapExcess.objects.create(
            city=qingdao(), case_number=case.number, key=key, cap=key, amount=Decimal("70.00"),
            reason="r", asked_by=make_user(),
        )  # fmt: skip
        excess.approved_by, excess.approved_at = make_user(), timezone.now()
        excess.save()

    def reserve(
        self, case: Application, amount: Decimal, requests: list[CounterRequest]
    ) -> Decimal:
        payer, shares = self.payers[case.programme_id]
        return reserve(
            str(amount), caps=requests, programme=case.programme, case_number=case.number or "",
            payer=payer, shares={one["payer"]: one["share"] for one in shares},
        ).amount  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    mark = transaction.savepoint()
    yield
    transaction.savepoint_rollback(mark)


def outlook() -> Outlook:
    found = Outlook.objects.create(city=qingdao(), year=YEAR)
    with one_moment() as reading:
        decide(found, reading)
    return found


@pytest.mark.parametrize("seed", range(10))
def test_an_outlook_grants_what_reserving_one_by_one_grants(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(random.Random(seed), monkeypatch)
    before, pending = world.cases[:10], world.cases[10:]
    for one in before:
        world.reserve(*one)
    versions = {case.version_id: "test" for case, _amount, _requests in pending}
    outlook_asks.write(pending, versions, timezone.now())
    run = outlook()
    rows = list(OutlookDecision.objects.filter(outlook=run).order_by("place"))
    with undone():
        expected = [world.reserve(*one) for one in pending]
    assert [row.application_id for row in rows] == [case.pk for case, _a, _r in pending]
    assert [Decimal(row.granted) / 100 for row in rows] == expected
    assert all((row.limited_by_id is None) == (row.granted == row.asked) for row in rows)
    assert (run.cases, run.granted) == (len(pending), sum(expected))


WINDOW = """
SELECT least(asked, greatest(min(room - before), 0)) FROM (
    SELECT k.application_id AS case, k.since, k.fen AS asked, (l."limit" * 100)::bigint AS room,
           sum(k.fen) OVER (PARTITION BY l.id ORDER BY k.since) - k.fen AS before
      FROM reviews_outlookask k JOIN reviews_outlooklimit l ON l.id = ANY(k.limits)) AS t
 GROUP BY t.case, since, asked ORDER BY since
"""


def test_control_window_sums_count_what_was_never_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(random.Random(1), monkeypatch)
    both = [cap("wide", "100.00"), cap("narrow", "10.00")]
    asking = [(Decimal(100), both), (Decimal(90), both[:1])]
    cases = [(case, *asked) for (case, _a, _r), asked in zip(world.cases, asking, strict=False)]
    outlook_asks.write(cases, {case.version_id: "test" for case, *_more in cases}, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(WINDOW)
        assert [int(fen) for (fen,) in cursor] == [1000, 0]
    rows = OutlookDecision.objects.filter(outlook=outlook()).order_by("place")
    assert list(rows.values_list("granted", flat=True)) == [1000, 9000]
    assert [world.reserve(*one) for one in cases] == [Decimal(10), Decimal(90)]


def test_what_waits_is_computed_once_and_again_when_it_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = Cast("enterprise-tech-centre-award")
    case = submitted(cast)
    user = make_staff(Role.FINANCE_PREPARER, "finance")
    first = outlooks.start(city=qingdao(), user=user)
    assert outlooks.start(city=qingdao(), user=user) == first
    with pytest.raises(NotAllowed):
        outlooks.start(city=qingdao(), user=make_staff(Role.PREPARER, "sti"))
    assert outlooks.run_all() == 1
    first.refresh_from_db()
    assert (first.state, first.cases, first.asked > 0) == ("done", 1, True)
    assert OutlookDecision.objects.get().application == case
    ask = OutlookAsk.objects.get()
    computed: list[int] = []
    really = outlook_asks.compute

    def watched(cases: list[int], basis: dict[int, str]) -> Any:
        computed.extend(cases)
        return really(cases, basis)

    monkeypatch.setattr(outlook_asks, "compute", watched)
    OutlookAsk.objects.update(computed_at=timezone.now())
    for event in ("", "case.facts_confirmed"):
        if event:
            note(case, actor=None, event=event)
        outlooks.start(city=qingdao(), user=user)
        assert outlooks.run_all() == 1
        assert computed == ([case.pk] if event else [])
    assert OutlookAsk.objects.get().fen == ask.fen
    applications.withdraw(case_id=case.pk, user=cast.clerk, reason="r")
    outlooks.start(city=qingdao(), user=user)
    assert outlooks.run_all() == 1
    assert outlooks.newest("qingdao").cases == 0
    assert OutlookDecision.objects.count() == 3


def test_a_decision_is_never_changed() -> None:
    row = OutlookDecision.objects.create(
        outlook=Outlook.objects.create(city=qingdao(), year=YEAR), place=1, application_id=1,
        asked=2, granted=1,
    )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        OutlookDecision.objects.filter(pk=row.pk).update(granted=2)


def test_the_decisions_of_the_newest_outlooks_are_kept() -> None:
    runs = [Outlook.objects.create(city=qingdao(), year=YEAR) for _ in range(KEPT + 2)]
    for run in runs:
        OutlookDecision.objects.create(outlook=run, place=1, application_id=1, asked=2, granted=1)
    assert outlooks.run_all() == KEPT + 2
    kept = OutlookDecision.objects.values_list("outlook", flat=True)
    assert sorted(kept) == [run.pk for run in runs[-KEPT:]]
    assert Outlook.objects.filter(state="done").count() == KEPT + 2
    with pytest.raises(DatabaseError, match="the newest decisions"), transaction.atomic():
        OutlookDecision.objects.filter(outlook=runs[2]).delete()


def test_limits_that_nobody_asks_for_are_dropped_before_mondays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(random.Random(1), monkeypatch)
    asked, named, unused = (
        OutlookLimit.objects.create(
            city=qingdao(), key=key, kind="cap", unit="yuan", heat=1, limit=Decimal(1)
        )
        for key in ("asked", "named", "unused")
    )
    case, *_more = world.cases[0]
    caps = [cap(asked.key, "1.00", heat=1)]
    outlook_asks.write([(case, Decimal(1), caps)], {case.version_id: "test"}, timezone.now())
    run = Outlook.objects.create(city=qingdao(), year=YEAR)
    OutlookDecision.objects.create(
        outlook=run, place=1, application_id=1, asked=2, granted=1, limited_by=named
    )
    outlooks.begin_everywhere()
    assert OutlookLimit.objects.filter(pk=unused.pk).exists()  # one is under way
    Outlook.objects.update(state="failed")
    outlooks.begin_everywhere()
    assert set(OutlookLimit.objects.all()) == {asked, named}
    assert outlooks.latest("qingdao").state == "waiting"


def test_an_outlook_that_is_always_broken_off_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_outlook: Outlook, _reading: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(outlooks, "decide", endless)
    user = make_staff(Role.FINANCE_PREPARER, "finance")
    begun = outlooks.start(city=qingdao(), user=user)
    for attempt in range(ATTEMPTS):
        with pytest.raises(SoftTimeLimitExceeded):
            outlooks.run_all()
        begun.refresh_from_db()
        assert (begun.state, begun.attempts) == ("running", attempt)
        assert outlooks.run_all() == 0  # its beat is young: somebody may be at it
        Outlook.objects.update(beat_at=timezone.now() - 2 * outlooks.OLD)
    assert outlooks.run_all() == 0
    begun.refresh_from_db()
    assert (begun.state, begun.attempts) == ("given_up", ATTEMPTS)
    assert Event.objects.filter(kind="outlook.given_up").count() == 1
    assert outlooks.run_all() == 0
    assert outlooks.start(city=qingdao(), user=user) != begun
