"""The lines of a new batch: amount, tax withheld, netting, and the budget each is paid from."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import BankAccount
from incentives.domain import netting
from incentives.models import Instalment, PayoutBatch, PayoutLine
from incentives.models.payout import LineState, Payer

Withheld = Mapping[int, Decimal]
FEN = Decimal("0.01")
NOTHING = Decimal(0)


def lines_of(
    batch: PayoutBatch,
    instalments: Sequence[Instalment],
    paid_to: Mapping[int, BankAccount],
    net: Collection[int],
    withheld: Withheld,
    why_less: Mapping[int, str],
) -> list[PayoutLine]:
    """Unsaved. `net`: instalments whose payee's demands are netted; `withheld`: tax in yuan.

    Of a payment that came back, the tax is carried on where no other is given; less is withheld
    only with the reason in `why_less`, which the line keeps.

    Raises Refused on `withheld` for what is no tax of a person's payment, or less without a reason.
    """
    reasons = {pk: reason.strip()[:500] for pk, reason in why_less.items()}
    before = withheld_before(instalments)
    asked = {**before, **withheld}
    taxes = {
        row.pk: _tax(
            row, asked[row.pk], NOTHING if reasons.get(row.pk) else before.get(row.pk, NOTHING)
        )
        for row in instalments
        if row.pk in asked
    }
    netted = netting.netted_of(instalments, net, taxes, batch)
    return [
        PayoutLine(
            batch=batch,
            number=position,
            instalment=row,
            payee_id=paid_to[row.pk].party_id,
            account=paid_to[row.pk],
            amount=row.amount,
            withheld=taxes.get(row.pk, NOTHING),
            withheld_less=reasons[row.pk]
            if taxes.get(row.pk, NOTHING) < before.get(row.pk, NOTHING)
            else "",
            netted=netted[row.pk],
            funding_source=budget.funding_source if budget else "",
            subject_code=budget.subject_code if budget else "",
        )
        for position, row in enumerate(instalments, start=1)
        for budget in [row.budget if row.payer == Payer.CITY else None]
    ]


def withheld_before(instalments: Sequence[Instalment]) -> dict[int, Decimal]:
    """By instalment: the tax, in yuan, of its last payment that came back, where there was any."""
    rows = PayoutLine.objects.filter(instalment__in=instalments, state=LineState.RETURNED)
    last = dict(rows.order_by("id").values_list("instalment", "withheld"))
    return {pk: tax for pk, tax in last.items() if tax}


def lowered(batch: PayoutBatch) -> list[PayoutLine]:
    """Lines that withhold less than before their payment came back, which is `before` of each."""
    returned = PayoutLine.objects.filter(
        instalment=OuterRef("instalment"), state=LineState.RETURNED, pk__lt=OuterRef("pk")
    )
    before = Subquery(returned.order_by("-pk").values("withheld")[:1])
    rows = batch.lines.exclude(withheld_less="").annotate(before=before)
    return list(rows.select_related("payee").order_by("number"))


def _tax(row: Instalment, tax: Decimal, before: Decimal) -> Decimal:
    most = row.amount - netting.carried(row)
    if not row.payee.is_person:
        message = _("%s is no person; tax is withheld from persons alone.") % row.payee.name
        raise Refused({"withheld": message})
    if not 0 <= tax <= most or tax != tax.quantize(FEN):
        told = {"payee": row.payee.name, "most": most}
        message = _("Tax of %(payee)s: write 0 to %(most)s yuan, with two places at most.") % told
        raise Refused({"withheld": message})
    if tax < before:
        told = {"payee": row.payee.name, "before": before}
        message = _(
            "Tax of %(payee)s: %(before)s yuan were withheld before; give the reason for less."
        )
        message %= told
        raise Refused({"withheld": message})
    return tax
