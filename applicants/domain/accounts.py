"""Bank accounts: encrypted at rest, shown by their last four digits, never changed in place."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.crypto import encrypt, fingerprint
from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.domain.identifiers import plain
from applicants.domain.members import require_owner
from applicants.domain.texts import read_line
from applicants.models import BankAccount, Party, User

ACCOUNT_PURPOSE = "bank account"
SHORTEST, LONGEST = 8, 30


@transaction.atomic
def add_bank_account(
    *, party: Party, holder: str, bank: str, number: str, user: User, bank_code: str = ""
) -> BankAccount:
    """Where the party is paid from now on; cases keep the account they were filed with.

    Owners alone may do this. Raises Refused by field.
    """
    require_owner(party=party, user=user)
    return enter_account(
        party=party, holder=holder, bank=bank, number=number, user=user, bank_code=bank_code
    )


@transaction.atomic
def enter_account(
    *, party: Party, holder: str, bank: str, number: str, user: User, bank_code: str = ""
) -> BankAccount:
    """The same for callers who have seen to it that the user may."""
    Party.objects.select_for_update().get(pk=party.pk)
    account = _account(party, holder, bank, number, bank_code, user)
    BankAccount.objects.filter(party=party, is_current=True).update(is_current=False)
    return _saved(account, user)


@transaction.atomic
def add_payee_account(
    *, payee: Party, bank: str, number: str, user: User, bank_code: str = ""
) -> BankAccount:
    """The account a team names for a person it shares an award with, for that case alone.

    It is never the account that the person, once registered, is paid to elsewhere.
    """
    account = _account(payee, payee.name, bank, number, bank_code, user)
    account.is_current = False
    return _saved(account, user)


def _account(
    party: Party, holder: str, bank: str, number: str, bank_code: str, user: User
) -> BankAccount:
    digits = read_account_number(number)
    return BankAccount(
        party=party,
        holder=read_line(holder, field="holder", limit=160),
        bank=read_line(bank, field="bank", limit=160),
        bank_code=_read_bank_code(bank_code),
        number_encrypted=encrypt(digits.encode(), purpose=ACCOUNT_PURPOSE),
        number_hmac=fingerprint(digits, purpose=ACCOUNT_PURPOSE),
        last4=digits[-4:],
        created_by=user,
    )


def read_account_number(text: str) -> str:
    """8 to 30 digits, however they were grouped or typed; raises Refused on the field `number`."""
    digits = plain(text)
    if not re.fullmatch(r"[0-9]*", digits):
        raise Refused({"number": _("An account number has digits alone; take out the rest.")})
    if not SHORTEST <= len(digits) <= LONGEST:
        raise Refused(
            {
                "number": _("This has %(count)s digits; an account number has 8 to 30.")
                % {"count": len(digits)}
            }
        )
    return digits


def _read_bank_code(text: str) -> str:
    code = plain(text)
    if code and not re.fullmatch(r"[0-9A-Z]{8,14}", code):
        raise Refused(
            {"bank_code": _("A bank code has 8 to 14 digits or letters, 12 digits in most cases.")}
        )
    return code


def _saved(account: BankAccount, user: User) -> BankAccount:
    account.save(force_insert=True)
    record(
        kind="party.account_added",
        subject=f"party:{account.party_id}",
        actor=user,
        data={"account": account.pk, "last4": account.last4},
    )
    return account
