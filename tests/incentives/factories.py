"""Awards for tests of money, by the money verbs alone: caps are named, no case stands behind."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from django.db import transaction
from django.utils import timezone

from applicants.domain.accounts import ACCOUNT_PURPOSE
from applicants.domain.crypto import encrypt, fingerprint
from applicants.models import BankAccount, City, District, Party, User
from incentives.domain import money
from incentives.domain.counters import CounterRequest
from incentives.domain.payers import by_payer
from incentives.models import (
    Award,
    Budget,
    BudgetChange,
    Bureau,
    Fund,
    Instalment,
    Programme,
)

_serial = count(1)


def qingdao() -> City:
    return City.objects.get(pk="qingdao")


def any_programme() -> Programme:
    return Programme.objects.get(city="qingdao", code="national-innovation-platform-award")


def make_user() -> User:
    number = next(_serial)
    return User.objects.create(email=f"money{number}@example.test", name=f"财务{number}")


def make_party(name: str = "") -> Party:
    number = next(_serial)
    return Party.objects.create(
        kind="enterprise", name=name or f"单位{number}", uscc=f"9137{number:014d}"
    )


def make_account(party: Party, number: str = "") -> BankAccount:
    number = number or f"6217{next(_serial):015d}"
    return BankAccount.objects.create(
        party=party,
        holder=party.name,
        bank="测试银行青岛分行",
        bank_code="102452000012",
        number_encrypted=encrypt(number.encode(), purpose=ACCOUNT_PURPOSE),
        number_hmac=fingerprint(number, purpose=ACCOUNT_PURPOSE),
        last4=number[-4:],
        created_by=make_user(),
    )


def cap(
    key: str, limit: str, *, kind: str = "cap", unit: str = "yuan", heat: int = 1
) -> CounterRequest:
    return CounterRequest(key=key, kind=kind, unit=unit, heat=heat, limit=Decimal(limit), id=key)


def reserve(
    amount: str,
    *,
    caps: Sequence[CounterRequest] = (),
    programme: Programme | None = None,
    applicant: Party | None = None,
    actor: User | None = None,
    at: datetime | None = None,
    case_number: str = "",
    payer: str = "city",
    shares: Mapping[str, Decimal] | None = None,
    district: str = "laoshan",
) -> money.Grant:
    one = asked(
        amount,
        caps=caps,
        programme=programme,
        applicant=applicant,
        case_number=case_number,
        payer=payer,
        shares=shares,
        district=district,
    )
    parts = {part.name: getattr(one, part.name) for part in fields(one)}
    with transaction.atomic():
        return money.reserve(at=at or timezone.now(), actor=actor or make_user(), **parts)


def asked(
    amount: str,
    *,
    caps: Sequence[CounterRequest] = (),
    programme: Programme | None = None,
    applicant: Party | None = None,
    case_number: str = "",
    payer: str = "city",
    shares: Mapping[str, Decimal] | None = None,
    district: str = "laoshan",
) -> money.Asked:
    version = (programme or any_programme()).current
    city = version.programme.city_id
    return money.Asked(
        case_number=case_number or f"QI-TEST-{next(_serial):06d}",
        version=version,
        applicant=applicant or make_party(),
        bureau=Bureau.objects.get(city=city, code="finance"),
        district=District.objects.filter(city=city, code=district).first(),
        verb="奖励",
        payer=payer,
        assessed=Decimal(amount),
        reason="测试",
        counters=caps,
        shares=shares or {},
    )


def make_budget(
    planned: str,
    *,
    year: int,
    programme: Programme | None = None,
    fund: Fund | None = None,
    allotment: str = "first_come",
) -> Budget:
    """A fund's budget of a year, or a programme's within it, with approved money."""
    fund = fund or make_fund()
    budget = Budget.objects.create(
        fund=fund,
        programme=programme,
        year=year,
        funding_source="财指〔2026〕1号",
        subject_code="2060404",
        allotment=allotment,
        set_by=make_user(),
    )
    change = BudgetChange.objects.create(
        budget=budget,
        kind="planned",
        amount=Decimal(planned),
        basis="年度预算",
        prepared_by=make_user(),
    )
    with transaction.atomic():
        money.change_budget(change=change, at=timezone.now(), actor=make_user())
    budget.refresh_from_db()
    return budget


def make_fund(*programmes: Programme) -> Fund:
    number = next(_serial)
    fund = Fund.objects.create(
        city=qingdao(), code=f"fund-{number}", name_zh=f"专项资金{number}", name_en=f"Fund {number}"
    )
    fund.programmes.set(programmes or [any_programme()])
    return fund


def make_award(
    amount: str,
    *,
    payees: Sequence[tuple[Party, str]] = (),
    due_on: date | None = None,
    **reserving: object,
) -> Award:
    """A committed award and its instalments; without payees one, to the applicant (account too)."""
    grant = reserve(amount, **reserving)
    award = Award.objects.get(pk=grant.award)
    with transaction.atomic():
        money.commit(award=award, at=timezone.now(), actor=make_user(), reason="公示无异议")
        if not payees and not award.applicant.bankaccount_set.exists():
            make_account(award.applicant)
        in_instalments(award, payees, due_on)
    award.refresh_from_db()
    return award


def in_instalments(
    award: Award, payees: Sequence[tuple[Party, str]] = (), due_on: date | None = None
) -> None:
    """What the award owes each payee; without payees all of it to the applicant."""
    award.refresh_from_db()
    shares = payees or [(award.applicant, str(award.amount))]
    parts = by_payer(award, [Decimal(share) for _payee, share in shares])
    owed = [
        (place, payee, *paid)
        for place, ((payee, _share), paying) in enumerate(zip(shares, parts, strict=True))
        for paid in paying
    ]
    for number, (place, payee, payer, amount) in enumerate(owed, start=1):
        Instalment.objects.create(
            award=award,
            number=number,
            payee=payee,
            payer=payer,
            amount=amount,
            part=place + 1,
            due_on=due_on or timezone.localdate(),
        )
