"""Payments to be looked at first: shared or unchecked accounts, and bad credit."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from applicants.models import BankAccount
from incentives.domain import credit, holds
from incentives.models import Instalment, PayeeHold, PayoutLine
from incentives.models.payout import HoldKind, LineState

LIVING = (LineState.PENDING, LineState.PAID)
Accounts = Mapping[int, BankAccount]
Checked = Mapping[int, str]  # by instalment: the number_hmac that finance checked, "" for none


@transaction.atomic
def look_over(
    *, instalments: Sequence[Instalment], accounts: Accounts, checked: Checked
) -> list[PayeeHold]:
    """Hold what has to be looked at and has not been; what is not touched is paid as before.

    `accounts` as found by payout_checks.accounts_found. Keep it apart from the step that would
    be refused, so that the hold stays when the step does not.
    """
    found = {
        HoldKind.DUPLICATE: shared_accounts(instalments, accounts),
        HoldKind.CHANGED: changed_accounts(instalments, accounts, checked),
    }
    of_accounts = [
        holds.hold(
            award=row.award,
            kind=kind,
            text=texts[row.pk],
            payee=row.payee,
            account=accounts[row.pk],
        )
        for kind, texts in found.items()
        for row in unseen(kind, instalments, accounts, texts)
    ]
    return of_accounts + credit.hold_listed(instalments)


def shared_accounts(instalments: Sequence[Instalment], accounts: Accounts) -> dict[int, str]:
    """By instalment: the payees, here or of what was paid before, that have the same account."""
    holders: dict[str, dict[int, str]] = {}
    for row in instalments:
        if account := accounts.get(row.pk):
            holder = row.payee if account.party_id == row.payee_id else account.party
            holders.setdefault(account.number_hmac, {})[holder.pk] = holder.name
    paid = PayoutLine.objects.filter(account__number_hmac__in=holders, state__in=LIVING)
    for hmac, payee, name in paid.values_list("account__number_hmac", "payee_id", "payee__name"):
        holders[hmac][payee] = name
    names = {
        hmac: "、".join(payees.values()) for hmac, payees in holders.items() if len(payees) > 1
    }
    return {
        pk: names[account.number_hmac]
        for pk, account in accounts.items()
        if account.number_hmac in names
    }


def changed_accounts(
    instalments: Sequence[Instalment], accounts: Accounts, checked: Checked
) -> dict[int, str]:
    """By instalment: the masked account, where finance checked another one or none."""
    return {
        row.pk: accounts[row.pk].masked
        for row in instalments
        if row.pk in accounts
        and row.pk in checked
        and accounts[row.pk].number_hmac != checked[row.pk]
    }


def unseen(
    kind: HoldKind,
    instalments: Sequence[Instalment],
    accounts: Accounts,
    found: Mapping[int, str],
) -> list[Instalment]:
    """Those found of which nobody has looked at this very account and said why it may be paid."""
    seen = set(
        PayeeHold.objects.filter(
            kind=kind, released_at__isnull=False, award__in={row.award_id for row in instalments}
        ).values_list("award", "payee", "account__number_hmac")
    )
    return [
        row
        for row in instalments
        if row.pk in found
        and (row.award_id, row.payee_id, accounts[row.pk].number_hmac) not in seen
    ]
