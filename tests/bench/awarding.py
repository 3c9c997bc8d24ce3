from decimal import Decimal
from itertools import count

from django.db import transaction
from django.utils import timezone

from incentives.domain import money
from incentives.domain.counters import CounterRequest
from incentives.models import Award, Counter, CounterEntry, LedgerEntry
from tests.bench.clock import interleaved
from tests.incentives import factories

AWARDS = 200
_serial = count(1)


def verb_over_orm() -> float:
    """How many times as many awards the verb writes in the time of the ORM, one client."""
    by_verb, by_orm = interleaved(_by_verb, _by_orm)
    return by_orm / by_verb


def _requests(number: int) -> list[CounterRequest]:
    return [
        factories.cap(f"project {number}", "300000", heat=0),
        factories.cap(f"unit {number % 50}", "999999999", heat=1),
        factories.cap("programme", "999999999", heat=5),
        factories.cap("budget", "999999999", heat=9),
    ]


class Frame:
    """What every award of the run shares, made once."""

    def __init__(self) -> None:
        self.party, self.user = factories.make_party(), factories.make_user()
        self.programme = factories.any_programme()
        self.version = self.programme.current


_frame: list[Frame] = []


def frame() -> Frame:
    if not _frame:
        _frame.append(Frame())
    return _frame[0]


def _by_verb() -> None:
    for number in (next(_serial) for _ in range(AWARDS)):
        with transaction.atomic():
            money.reserve(
                case_number=f"VERB-{number}",
                version=frame().version,
                applicant=frame().party,
                bureau=frame().programme.handling_bureau,
                district=None,
                verb="奖励",
                payer="city",
                assessed=Decimal("100.00"),
                at=timezone.now(),
                actor=frame().user,
                reason="",
                counters=_requests(number),
            )


def _by_orm() -> None:
    for number in (next(_serial) for _ in range(AWARDS)):
        with transaction.atomic():
            _orm_award(number)


def _orm_award(number: int) -> None:
    now, amount = timezone.now(), Decimal("100.00")
    rows = []
    for asked in _requests(number):
        Counter.objects.get_or_create(
            city_id="qingdao",
            key=f"orm {asked.key}",
            defaults={"kind": "cap", "unit": "yuan", "heat": asked.heat, "limit": asked.limit},
        )
        row = Counter.objects.select_for_update().get(city="qingdao", key=f"orm {asked.key}")
        amount = min(amount, row.limit - row.used)
        rows.append(row)
    shared = {
        "city_id": "qingdao",
        "case_number": f"ORM-{number}",
        "programme": frame().programme,
        "applicant": frame().party,
        "bureau_id": frame().programme.handling_bureau_id,
        "verb": "奖励",
        "approval_year": now.year,
    }
    award = Award.objects.create(
        **shared, version=frame().version, state="reserved", assessed=amount, amount=amount,
        approved_at=now,
    )  # fmt: skip
    entry = LedgerEntry.objects.create(
        **shared, award=award, stage="reserved", amount=amount, posted_at=now, year=now.year,
        actor=frame().user,
    )  # fmt: skip
    for row in rows:
        row.used += amount
        row.save(update_fields=["used"])
        CounterEntry.objects.create(
            counter=row, entry=entry, award=award, amount=amount, entitled=amount
        )
