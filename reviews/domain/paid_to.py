"""The accounts that cases are paid to: the ones they name, and whether finance has checked them."""

from collections.abc import Iterable
from datetime import datetime

from applicants.models import BankAccount
from incentives.models import Instalment
from reviews.models import Application, Determination, PayeeShare
from reviews.models.determination import DeterminationState


def accounts_of_cases(instalments: Iterable[Instalment]) -> dict[int, BankAccount]:
    """By instalment: the account that its case names for its payee."""
    rows = list(instalments)
    numbers = {row.award.case_number for row in rows}
    cases = Application.objects.filter(number__in=numbers, account__isnull=False)
    named = {
        (case.number, case.applicant_id): account
        for case in cases.select_related("account")
        if (account := case.account)
    }
    shares = PayeeShare.objects.filter(application__number__in=numbers)
    for share in shares.select_related("account", "application"):
        named[share.application.number, share.party_id] = share.account
    keys = {row.pk: (row.award.case_number, row.payee_id) for row in rows}
    return {pk: named[key] for pk, key in keys.items() if key in named}


def checked_of_cases(instalments: Iterable[Instalment]) -> dict[int, str]:
    """By instalment of a case that finance checked: the number it saw (HMAC), "" for none."""
    rows = list(instalments)
    named, at = accounts_of_cases(rows), _checked_at(rows)
    return {
        row.pk: _seen(named.get(row.pk), at[row.award.case_number])
        for row in rows
        if row.award.case_number in at
    }


def _seen(account: BankAccount | None, at: datetime) -> str:
    return account.number_hmac if account and account.created_at <= at else ""


def _checked_at(instalments: Iterable[Instalment]) -> dict[str, datetime]:
    found = Determination.objects.filter(
        application__number__in={row.award.case_number for row in instalments},
        state=DeterminationState.APPROVED,
        checked_at__isnull=False,
    )
    rows = found.values_list("application__number", "checked_at")
    return {number: at for number, at in rows if number and at}
