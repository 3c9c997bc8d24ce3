"""The city of a run: people, organisations with accounts, programmes and the year that ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

import time_machine
from django.utils import timezone

from applicants.domain.accounts import ACCOUNT_PURPOSE
from applicants.domain.crypto import encrypt, fingerprint
from applicants.models import BankAccount, District, Party, User
from applicants.models import City as Place
from incentives.domain.programmes import rules_of, warm
from incentives.models import ProgrammeVersion
from reviews.models.staff import Role
from tests.december.books import Books
from tests.factories import make_staff

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_COME, PRO_RATA = 12, 4  # programmes, by how their budgets are given
Say = Callable[[str], None]


@dataclass(frozen=True)
class City:
    """Everything that the steps of a run share; `year` is the one that ends.

    The budgets of `versions` are first come, those of `sharing` are given pro rata.
    """

    place: Place
    year: int
    versions: list[ProgrammeVersion]
    sharing: list[ProgrammeVersion]
    parties: list[Party]
    officer: User
    director: User
    preparer: User
    approver: User
    books: Books
    rng: Random
    say: Say

    @contextmanager
    def on(self, month: int, day: int, *, later: int = 0) -> Iterator[None]:
        """At nine in the morning of a day in Shanghai, `later` years after the one that ends."""
        moment = datetime(self.year + later, month, day, 9, tzinfo=SHANGHAI)
        with time_machine.travel(moment.astimezone(UTC)):
            yield


def founded(size: int, seed: int, say: Say) -> City:
    place, versions = Place.objects.get(pk="qingdao"), _versions()
    officer, director = make_staff(Role.PREPARER, "finance"), make_staff(Role.APPROVER, "finance")
    return City(
        place=place,
        year=timezone.localdate().year - 1,
        versions=versions[:FIRST_COME],
        sharing=versions[FIRST_COME:],
        parties=_parties(max(size // 3, 20), officer),
        officer=officer,
        director=director,
        preparer=make_staff(Role.FINANCE_PREPARER, "finance"),
        approver=make_staff(Role.FINANCE_APPROVER, "finance"),
        books=Books(),
        rng=Random(seed),
        say=say,
    )


def _versions() -> list[ProgrammeVersion]:
    """Of programmes that the city pays by itself, the first of the catalogue."""
    rows = ProgrammeVersion.objects.filter(programme__city="qingdao").select_related(
        "programme__handling_bureau"
    )
    newest = list(rows.order_by("programme__code", "-number").distinct("programme__code"))
    warm(newest)
    paid = (one for one in newest if _city_pays(one))
    return list(islice(paid, FIRST_COME + PRO_RATA))


def _city_pays(version: ProgrammeVersion) -> bool:
    rules = rules_of(version)
    return rules.outcome.kind == "award" and rules.roles.payer == "city" and not rules.payers


def _parties(many: int, user: User) -> list[Party]:
    """With an account each."""
    districts = list(District.objects.filter(city="qingdao").order_by("pk"))
    parties = Party.objects.bulk_create(
        Party(
            kind="enterprise",
            name=f"年末单位{n:06d}",
            uscc=f"9137{n:014d}",
            district=districts[n % len(districts)],
        )
        for n in range(1, many + 1)
    )
    accounts = (account(party, f"6217{n:015d}", user) for n, party in enumerate(parties, start=1))
    BankAccount.objects.bulk_create(accounts, batch_size=2000)
    return parties


def account(party: Party, number: str, user: User) -> BankAccount:
    return BankAccount(
        party=party,
        holder=party.name,
        bank="测试银行青岛分行",
        bank_code="102452000012",
        number_encrypted=encrypt(number.encode(), purpose=ACCOUNT_PURPOSE),
        number_hmac=fingerprint(number, purpose=ACCOUNT_PURPOSE),
        last4=number[-4:],
        created_by=user,
    )
