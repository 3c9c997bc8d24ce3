"""A case that city and district pay together, from its award to both payments."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from applicants.domain.errors import Conflict
from applicants.models import District, Event, Notice
from incentives.domain.payouts import due_instalments
from incentives.domain.reconcile import differences
from incentives.models import Award, Instalment, LedgerEntry
from incentives.policy.shares import in_turn
from incentives.policy.terms import Instalment as Scheduled
from incentives.policy.terms import PayerShare
from reviews.demo import walk
from reviews.domain import awarding, paying, reserving, staging
from reviews.models.staff import Role
from tests.factories import (
    Cast,
    decide_award,
    determined,
    make_staff,
    publicity_end,
    published,
    qingdao,
)

pytestmark = pytest.mark.django_db
LABEL = {"zh": "期", "en": "part"}
SCHEDULE = (
    Scheduled(id="first", label=LABEL, share="33.33%", due="award"),
    Scheduled(id="rest", label=LABEL, share="rest", due={"stage": {"zh": "验收", "en": "test"}}),
)
PAYERS = (PayerShare(payer="city", share="63.17%"), PayerShare(payer="district", share="36.83%"))


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = {"payers": PAYERS, "schedule": SCHEDULE}
    for module in (reserving, awarding):
        known: Callable[[Any], Any] = module.rules
        monkeypatch.setattr(
            module, "rules", lambda case, known=known: known(case).model_copy(update=terms)
        )


def summed(parts: list[Instalment], key: Callable[[Instalment], Any]) -> dict[Any, Decimal]:
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for part in parts:
        sums[key(part)] += part.amount
    return dict(sums)


def test_a_team_is_paid_each_part_by_both_payers() -> None:
    cast = Cast("national-project-team-award")
    facts, choices = walk.example_facts(cast.programme)
    case = published(cast, facts, choices)
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        award = decide_award(cast, case)
        parts = list(award.instalments.order_by("number"))
        assert [part.payer for part in parts] == ["city", "district"] * 4
        borne = dict(award.shares.values_list("payer", "amount"))
        assert summed(parts, lambda part: part.payer) == borne
        assert sum(borne.values()) == award.amount
        for payee, amount in summed(parts, lambda part: part.payee_id).items():
            own = [part for part in parts if part.payee_id == payee]
            written = in_turn(amount, [Decimal("0.3333"), Decimal("0.6667")])
            assert list(summed(own, lambda part: part.due_kind).values()) == list(written)
        _pay_both(award)
        _find_the_rest(award, cast)
        assert _due(None) == [p for p in _standing(award) if p.payer == "city"]
        assert _due(_laoshan()) == [p for p in _standing(award) if p.payer == "district"]
        _pay_both(award)
    paid = LedgerEntry.objects.filter(award=award, stage="paid")
    for payer, amount in borne.items():
        sums = paid.filter(payer=payer).values_list("amount", flat=True)
        assert sum(sums, Decimal(0)) == amount
    assert paid.count() == Notice.objects.filter(kind="payment.paid").count() == 8
    assert differences(city_code="qingdao") == []


def _laoshan() -> District:
    return District.objects.get(city="qingdao", code="laoshan")


def _due(district: District | None) -> list[Instalment]:
    return list(due_instalments(qingdao(), date.max, district))


def _standing(award: Award) -> list[Instalment]:
    """What is due and in no batch."""
    rows = award.instalments.filter(due_on__isnull=False, lines=None)
    return list(rows.order_by("due_on", "id"))


def _pay_both(award: Award) -> None:
    preparer = make_staff(Role.FINANCE_PREPARER, "finance")
    approver = make_staff(Role.FINANCE_APPROVER, "finance")
    for district in (None, _laoshan()):
        ids = [part.pk for part in _due(district)]
        assert len(ids) == 2
        batch = paying.prepare(city=qingdao(), instalment_ids=ids, user=preparer, district=district)
        paying.approve(batch_id=batch.pk, user=approver)
        paying.export(batch_id=batch.pk, user=preparer)
        results = {line.pk: ("paid", "") for line in batch.lines.all()}
        paying.settle(batch_id=batch.pk, results=results, user=preparer)
        told = Event.objects.get(kind="payout.prepared", subject=batch.number).data
        assert told.get("district") == (district.code if district else None)


def _find_the_rest(award: Award, cast: Cast) -> None:
    """One finding for both payers of a part."""
    for part in award.instalments.filter(due_on=None, payer="city").order_by("number"):
        made = staging.prepare(
            instalment_id=part.pk, found="met", reason="已验收", due_on=date.today(),
            user=cast.of(cast.handling, Role.PREPARER),
        )  # fmt: skip
        staging.confirm(finding_id=made.pk, user=cast.of(cast.handling, Role.APPROVER))


def test_what_a_district_pays_names_the_district() -> None:
    cast = Cast("enterprise-tech-centre-award")
    cast.party.district = None
    cast.party.save(update_fields=["district"])
    with pytest.raises(Conflict, match=cast.party.name):
        determined(cast)
    assert not Award.objects.exists()
