"""The lines of a new batch: amount, tax withheld, netting, and the budget each is paid from."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import BankAccount
from incentives.domain import netting
from incentives.models import Instalment, PayoutBatch, PayoutLine
from incentives.models.payout import Payer

Withheld = Mapping[int, Decimal]
FEN = Decimal("0.01")


def lines_of(
    batch: PayoutBatch,
    instalments: Sequence[Instalment],
    paid_to: Mapping[int, BankAccount],
    net: Collection[int],
    withheld: Withheld,
) -> list[PayoutLine]:
    """Unsaved. `net`: instalments whose payee's demands are netted; `withheld`: tax in yuan.

    Raises Refused on `withheld` for what is no tax of a person's payment.
    """
    taxes = {row.pk: _tax(row, withheld[row.pk]) for row in instalments if row.pk in withheld}
    netted = netting.netted_of(instalments, net, taxes, batch)
    return [
        PayoutLine(
            batch=batch,
            number=position,
            instalment=row,
            payee_id=paid_to[row.pk].party_id,
            account=paid_to[row.pk],
            amount=row.amount,
            withheld=taxes.get(row.pk, Decimal(0)),
            netted=netted[row.pk],
            funding_source=budget.funding_source if budget else "",
            subject_code=budget.subject_code if budget else "",
        )
        for position, row in enumerate(instalments, start=1)
        for budget in [row.budget if row.payer == Payer.CITY else None]
    ]


def _tax(row: Instalment, tax: Decimal) -> Decimal:
    most = row.amount - netting.carried(row)
    if not row.payee.is_person:
        message = _("%s is no person; tax is withheld from persons alone.") % row.payee.name
        raise Refused({"withheld": message})
    if not 0 <= tax <= most or tax != tax.quantize(FEN):
        told = {"payee": row.payee.name, "most": most}
        message = _("Tax of %(payee)s: write 0 to %(most)s yuan, with two places at most.") % told
        raise Refused({"withheld": message})
    return tax
