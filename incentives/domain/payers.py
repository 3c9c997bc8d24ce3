"""Who pays what of an award: the city, a district, or both, each its share to the fen."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q

from applicants.models import District
from incentives.domain.shares import crossed
from incentives.models import Award
from incentives.models.payout import Payer


def payer_of(district: District | None) -> Payer:
    """Money without a district is the city's."""
    return Payer.DISTRICT if district else Payer.CITY


def money_of(district: District | None) -> Q:
    """Of rows with an `award`: a district's money is that of the awards of its own applicants."""
    return Q(award__district=district) if district else Q()


def by_payer(award: Award, amounts: Sequence[Decimal]) -> list[list[tuple[str, Decimal]]]:
    """Of each of the amounts, which together are the award, what each payer pays, in yuan.

    Each payer's add up to its share of the award. Who pays nothing of an amount is not named.
    """
    borne = dict(award.shares.values_list("payer", "amount")) or {award.payer: award.amount}
    table = crossed(amounts, list(borne.values()))
    return [[(who, part) for who, part in zip(borne, row, strict=True) if part] for row in table]
