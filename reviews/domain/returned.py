"""Payments that came back: the applicant gives another account, and finance looks before it pays.

The instalment is due again by itself; what is given here only says where to.
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from applicants.domain.accounts import add_bank_account, add_payee_account
from applicants.domain.errors import Conflict
from applicants.models import BankAccount, User
from incentives.domain import payout_checks, suspicions
from incentives.models import Instalment, PayoutLine
from incentives.models.payout import LineState
from reviews.domain.behalf import require_filer
from reviews.domain.cases import locked, note
from reviews.domain.paid_to import accounts_of_cases, checked_of_cases
from reviews.models import Application
from reviews.models.lifecycle import CaseState


def returned_parts(case: Application) -> QuerySet[Instalment]:
    """Instalments of the case whose payment came back and has not been started again."""
    lines = PayoutLine.objects.filter(instalment=OuterRef("pk"))
    return Instalment.objects.filter(
        Exists(lines.filter(state=LineState.RETURNED)),
        ~Exists(lines.filter(state__in=suspicions.LIVING)),
        award__city=case.city_id,
        award__case_number=case.number,
        award__state="committed",
    ).select_related("award__city", "award__applicant", "payee")


@transaction.atomic
def give_account(
    *, case_id: int, instalment_id: int, user: User, bank: str, number: str, **more: str
) -> BankAccount:
    """Name the account for a payment that came back; finance looks at it before it is paid.

    `more`: holder (the applicant's own account only) and bank_code. Owners alone may change an
    applicant's account. Raises Refused by field, Conflict when the payment has been started again.
    """
    case = locked(case_id, CaseState.AWARDED)
    require_filer(case, user)
    part = returned_parts(case).filter(pk=instalment_id).first()
    if part is None:
        raise Conflict(_("This payment has not come back, or is on its way again."))
    given = {"bank": bank, "number": number, "bank_code": more.get("bank_code", ""), "user": user}
    account = _enter(case, part, more.get("holder", ""), given)
    data = {"payee": part.payee.name, "account": account.masked}
    note(case, actor=user, event="payment.account_given", data=data)
    suspicions.look_over(
        instalments=[part],
        accounts=payout_checks.accounts_found([part], accounts_of_cases([part])),
        checked=checked_of_cases([part]),
    )
    return account


def _enter(case: Application, part: Instalment, holder: str, given: dict[str, Any]) -> BankAccount:
    """A person of the team has an account for this case alone; the applicant one for all."""
    share = case.payee_shares.filter(party=part.payee).first()
    if share is None:
        party = part.payee.successor or part.payee
        return add_bank_account(party=party, holder=holder or party.name, **given)
    share.account = add_payee_account(payee=part.payee, **given)
    share.save(update_fields=["account"])
    return share.account
