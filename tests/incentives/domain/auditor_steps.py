"""Random steps of the money verbs, each taken by the database and by the auditor (auditor.py)."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from incentives.domain import findings, money, recoveries
from incentives.domain.counters import CounterRequest
from incentives.models import (
    Award,
    CapExcess,
    Instalment,
    PayoutBatch,
    PayoutLine,
    ReceiptReversal,
    Recovery,
)
from tests.incentives import factories
from tests.incentives.domain import auditor as audit
from tests.incentives.domain.auditor_books import (
    MOMENTS,
    PICK,
    SECOND,
    YEARS,
    Books,
    assert_same,
    fen,
    yuan,
)

HEATS = {
    "rows": 0, "project": 0, "life": 1, "year": 1, "count": 1, "once": 2, "event": 2, "seen": 3,
}  # fmt: skip
PAYERS = {
    "city": {"city": Fraction(1)},
    "district": {"district": Fraction(1)},
    "shared": {"city": Fraction(3, 5), "district": Fraction(2, 5)},
    "thirds": {name: Fraction(n, 10**6) for name, n in
               (("province", 333333), ("city", 333334), ("district", 333333))},
}  # fmt: skip
AMOUNTS = st.one_of(st.integers(1, 40_000), st.sampled_from([1, 3, 10_000, 33_333]))
NAMES = st.lists(st.sampled_from(sorted(HEATS)), max_size=5, unique=True)
LATER = date(SECOND + 1, 1, 1)
VERBS = ["commit", "commit", "release", "redeem"]
TIMES = st.integers(1, 3)


def wish(name: str, limit: int, times: int, assessed: int) -> audit.Wish:
    if name in ("count", "rows"):
        unit = "awards" if name == "count" else "rows"
        return audit.Wish(name, "cap", unit, 1 + limit % 6, times if name == "rows" else 1)
    if name == "once":
        return audit.Wish(name, "event", "awards", 1)
    if name == "event":
        return audit.Wish(name, "event", "yuan", assessed)
    if name == "seen" or (name == "life" and limit % 5 == 0):  # a reading not in force
        return audit.Wish(name, "tally", "yuan", 0)
    return audit.Wish(name, "cap", "yuan", limit)


WISHES = st.tuples(NAMES, st.integers(0, 90_000), TIMES)
ASKS = st.tuples(AMOUNTS, st.sampled_from(sorted(PAYERS)), st.integers(0, 1), WISHES)


class Steps(Books):
    # Awards

    def asked(self, drawn: Any, year: int) -> tuple[audit.Ask, money.Asked]:
        assessed, payer, which, (names, limit, times) = drawn
        wishes = [wish(name, limit, times, assessed) for name in names]
        programme, shares = self.world.programmes[which], PAYERS[payer]
        ask = audit.Ask(self.number(), programme.code, year, assessed, shares, wishes)
        requests = [
            CounterRequest(
                one.key, one.kind, one.unit, HEATS[one.key],
                yuan(one.limit) if one.unit == "yuan" else Decimal(one.limit), one.key, one.times,
            )
            for one in wishes
        ]  # fmt: skip
        whole = factories.asked(
            str(yuan(assessed)), caps=requests, programme=programme, applicant=self.world.party,
            case_number=ask.case, payer=next(iter(shares)),
            shares={} if len(shares) == 1 else
            {name: Decimal(part.numerator) / part.denominator for name, part in shares.items()},
        )  # fmt: skip
        return ask, whole

    @rule(drawn=ASKS, year=YEARS, beyond=st.sampled_from([0, 0, 0, 5_000]))
    def reserve(self, drawn: Any, year: int, beyond: int) -> None:
        ask, whole = self.asked(drawn, year)
        if beyond and any(one.key == "life" and one.kind == "cap" for one in ask.wishes):
            ask.excess["life"] = beyond
            excess = CapExcess.objects.create(
                city=factories.qingdao(), case_number=ask.case, key="life", cap="life",
                amount=yuan(beyond), reason="r", asked_by=self.world.one,
            )  # fmt: skip
            excess.approved_by, excess.approved_at = self.world.other, timezone.now()
            excess.save()
        parts = {name: getattr(whole, name) for name in whole.__slots__}
        done = self.both(
            lambda: self.auditor.reserve(ask),
            lambda: money.reserve(at=MOMENTS[year], actor=self.world.one, **parts),
        )
        if done:
            self.took([done[0]], [done[1]])

    @rule(drawn=st.lists(ASKS, min_size=1, max_size=5), year=YEARS)
    def reserve_many(self, drawn: list[Any], year: int) -> None:
        pairs = [self.asked((a, "city" if len(PAYERS[p]) > 1 else p, *rest), year)
                 for a, p, *rest in drawn]  # fmt: skip
        done = self.both(
            lambda: self.auditor.reserve_many([ask for ask, _ in pairs]),
            lambda: money.reserve_many(
                city_code="qingdao", wanted=[whole for _, whole in pairs], at=MOMENTS[year],
                actor=self.world.one,
            ),
        )  # fmt: skip
        if done:
            self.took(*done)

    def took(self, foreseen: list[tuple[int, dict[str, int]]], grants: list[money.Grant]) -> None:
        found = [
            (fen(grant.amount), {cut.key: fen(cut.room) for cut in grant.cuts}) for grant in grants
        ]
        assert_same("granted", found, foreseen)
        self.rows += [Award.objects.get(pk=one.award) for one in grants if one.award]

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, part=PICK, year=YEARS, verb=st.sampled_from(VERBS))
    def decide(self, pick: int, part: int, year: int, verb: str) -> None:
        place = self.award(pick)
        audited, row = self.auditor.awards[place], self.rows[place]
        told = {"award": row, "at": MOMENTS[year], "actor": self.world.one, "reason": "r"}
        if verb == "redeem":
            if len(audited.ask.shares) > 1:
                return  # vouchers have one payer
            used = 1 + part % audited.amount
            done = self.both(
                lambda: self.auditor.redeem(audited, used, year),
                lambda: money.redeem(amount=yuan(used), **told),
            )
        else:
            done = self.both(
                lambda: getattr(self.auditor, verb)(audited, year),
                lambda: getattr(money, verb)(**told),
            )
        if done and verb != "release":
            self.in_instalments(row, audited.parts, part)

    def in_instalments(self, row: Award, parts: dict[str, int], drawn: int) -> None:
        """Each payer's share in two parts; of some awards the second waits for a stage."""
        rates = [
            (part, payer, rate) for payer, whole in parts.items() if whole
            for first in [1 + drawn % whole]
            for part, rate in enumerate((first, whole - first), 1) if rate
        ]  # fmt: skip
        for number, (part, payer, rate) in enumerate(rates, start=1):
            waits = {"due_kind": "stage"} if part == 2 and drawn % 2 else {}
            Instalment.objects.create(
                award=row, number=number, payee=self.world.party, amount=yuan(rate), payer=payer,
                part=part, due_on=None if waits else timezone.localdate(), **waits,
            )  # fmt: skip

    # What was found of a part

    def standing(self) -> list[Instalment]:
        """Of which nothing was found, and which nobody has paid."""
        return list(
            findings.all_standing()
            .filter(award__state="committed").exclude(lines__state__in=["pending", "paid"])
            .select_related("award").order_by("id")
        )  # fmt: skip

    @precondition(lambda self: self.standing())
    @rule(pick=PICK, share=st.integers(1, 120), year=YEARS)
    def find(self, pick: int, share: int, year: int) -> None:
        """A stage is reached, in part, or not; what has a date is withdrawn."""
        rows = self.standing()
        part = rows[pick % len(rows)]
        parts = findings.of_all_payers(part, paid=True)
        whole = {one.payer: fen(one.amount) for one in parts}
        due = min(sum(whole.values()) * max(share - 10, 0) // 100, sum(whole.values()))
        found = {0: "not_met", sum(whole.values()): "met"}.get(due, "partly")
        if part.due_kind == "date":
            due, found = 0, "withdrawn"
        place = [row.pk for row in self.rows].index(part.award_id)

        def confirmed() -> None:
            made = findings.prepare(
                instalment_id=part.pk, found=found, amount=yuan(due) if found == "partly" else None,
                due_on=LATER if due else None, reason="r", document=None,
                user=self.world.one,
            )  # fmt: skip
            money.confirm_finding(
                finding=made, at=MOMENTS[year], actor=self.world.other, reason="r"
            )

        self.both(
            lambda: self.auditor.lapse(self.auditor.awards[place], whole, due, year), confirmed
        )

    # Payments and what comes back

    def payable(self) -> list[Instalment]:
        return list(
            findings.all_standing()
            .filter(award__state="committed", payer__in=["city", "district"])
            .exclude(due_on=None).exclude(lines__state__in=["pending", "paid"])
            .order_by("id")
        )  # fmt: skip

    @precondition(lambda self: self.payable())
    @rule(pick=PICK, year=YEARS, result=st.sampled_from(["paid", "paid", "returned"]))
    def pay(self, pick: int, year: int, result: str) -> None:
        due = self.payable()
        part = due[pick % len(due)]
        place = [row.pk for row in self.rows].index(part.award_id)
        line = self.line_for(part)
        audited = self.auditor.awards[place]
        done = self.both(
            lambda: (
                result == "returned"
                or self.auditor.pay(audited, fen(part.amount), part.payer, year)
            ),
            lambda: self.settle(line, result, year),
        )
        if done and result == "paid":
            self.paid.append((place, line))
        elif not done:
            self.settle(line, "returned", year)  # so that the part is due again

    def line_for(self, part: Instalment) -> PayoutLine:
        self.serial += 1
        batch = PayoutBatch.objects.create(
            city=factories.qingdao(), number=f"AUDIT-B-{self.serial}", line_count=1,
            total=part.amount, prepared_by=self.world.one, prepared_at=timezone.now(),
            payer=part.payer, district=part.award.district if part.payer == "district" else None,
        )  # fmt: skip
        line = PayoutLine.objects.create(
            batch=batch, number=1, instalment=part, payee=self.world.party,
            account=self.world.account, amount=part.amount,
        )  # fmt: skip
        rows = PayoutBatch.objects.filter(pk=batch.pk)
        rows.update(state="approved", approved_by=self.world.other, approved_at=timezone.now())
        rows.update(state="exported", exported_at=timezone.now())
        return line

    def settle(self, line: PayoutLine, result: str, year: int) -> None:
        money.settle_line(line=line, result=result, at=MOMENTS[year], actor=self.world.one)

    @precondition(lambda self: self.paid)
    @rule(pick=PICK, year=YEARS)
    def return_payment(self, pick: int, year: int) -> None:
        place, line = self.paid[pick % len(self.paid)]
        done = self.both(
            lambda: self.auditor.send_back(
                self.auditor.awards[place], fen(line.amount), line.instalment.payer, year),
            lambda: self.settle(line, "returned", year),
        )  # fmt: skip
        if done:
            self.paid.remove((place, line))

    @precondition(lambda self: self.paid)
    @rule(pick=PICK, year=YEARS)
    def pay_twice(self, pick: int, year: int) -> None:
        def never() -> None:
            raise audit.Disallowed("paid already")

        self.both(never, lambda: self.settle(self.paid[pick % len(self.paid)][1], "paid", year))

    @precondition(lambda self: self.paid)
    @rule(pick=PICK, share=st.integers(1, 110))
    def demand(self, pick: int, share: int) -> None:
        place = self.paid[pick % len(self.paid)][0]
        amount = max(self.auditor.awards[place].paid * share // 100, 1)
        done = self.both(
            lambda: self.auditor.demand(self.auditor.awards[place], amount),
            lambda: recoveries.demand(
                recovery_id=recoveries.prepare(
                    award=self.rows[place], amount=yuan(amount), reason="r", user=self.world.one,
                    due_on=timezone.localdate() + timedelta(days=9),
                ).pk,
                user=self.world.other,
            ),
        )  # fmt: skip
        if done:
            self.demands.append((place, done[1], amount, 0))

    @precondition(lambda self: self.demands)
    @rule(pick=PICK, share=st.integers(1, 120), year=YEARS,
          kind=st.sampled_from(["paid", "paid", "written_off"]))  # fmt: skip
    def come_back(self, pick: int, share: int, year: int, kind: str) -> None:
        which = pick % len(self.demands)
        place, recovery, open_, given_up = self.demands[which]
        most = open_ + given_up if kind == "paid" else open_
        part = max(most * share // 100, 1)
        award, late = self.auditor.awards[place], max(part - open_, 0)

        def audited() -> audit.Receipt | None:
            if part > most:
                raise audit.Disallowed("more than is open or was given up")
            if kind == "written_off":
                self.auditor.write_off(award, part, year)
                return None
            undone = self.auditor.take_back_write_off(award, late, year) if late else {}
            return self.auditor.recover(award, part, year, undone)

        self.serial += 1
        if kind == "written_off":
            Recovery.objects.filter(
                pk=recovery.pk, state="demanded", write_off_asked_by=None
            ).update(write_off_asked_by=self.world.one, write_off_reason="r")
        done = self.both(
            audited,
            lambda: money.recover(
                recovery=recovery, kind=kind, amount=yuan(part), received_on=timezone.localdate(),
                reference=f"R-{self.serial}", prepared_by=self.world.one, at=MOMENTS[year],
                actor=self.world.other,
            ),
        )  # fmt: skip
        if done:
            given_up += part if kind == "written_off" else -late
            self.demands[which] = place, recovery, open_ - part + late, given_up
            if done[0]:
                self.receipts.append((which, done[1], late, done[0]))

    @precondition(lambda self: self.receipts)
    @rule(pick=PICK, year=YEARS)
    def reverse_receipt(self, pick: int, year: int) -> None:
        at = pick % len(self.receipts)
        which, entry, late, receipt = self.receipts[at]

        def reverse() -> None:
            asked = ReceiptReversal.objects.create(
                receipt_id=entry, reason="r", prepared_by=self.world.one
            )
            money.reverse_receipt(reversal=asked, at=MOMENTS[year], actor=self.world.other)

        place, recovery, open_, given_up = self.demands[which]
        award = self.auditor.awards[place]
        if self.both(lambda: self.auditor.reverse(award, receipt, year), reverse):
            del self.receipts[at]
            self.demands[which] = place, recovery, open_ + receipt.fen - late, given_up + late

    @rule(drawn=ASKS, part=PICK, year=YEARS, verb=st.sampled_from(["commit", "redeem"]))
    def go_all_the_way(self, drawn: Any, part: int, year: int, verb: str) -> None:
        """Steps that seldom come to follow one another: granted, paid, and asked back."""
        self.reserve(drawn=drawn, year=year, beyond=0)
        if self.rows and self.rows[-1].state == "reserved":
            self.decide(pick=len(self.rows) - 1, part=part, year=year, verb=verb)
        if due := self.payable():
            self.pay(pick=len(due) - 1, year=year, result="paid")
        if self.paid:
            self.demand(pick=len(self.paid) - 1, share=1 + part % 110)
        if self.demands:
            self.come_back(pick=len(self.demands) - 1, share=1 + part % 120, year=year, kind="paid")
        if self.receipts and part % 2:
            self.reverse_receipt(pick=len(self.receipts) - 1, year=year)
