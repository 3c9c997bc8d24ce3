"""The persons who share an award paid to a team: each with an account and a share in percent."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.accounts import add_payee_account
from applicants.domain.errors import Refused
from applicants.domain.parties import person_payee
from applicants.models import User
from reviews.domain.assessing import rules
from reviews.domain.behalf import require_filer
from reviews.domain.cases import locked
from reviews.models import Application, CaseFact, PayeeShare
from reviews.models.lifecycle import EDITABLE

WHOLE = Decimal(100)
FINEST = Decimal("0.01")


@transaction.atomic
def add_payee(
    *, case_id: int, name: str, id_number: str, bank: str, number: str, share: str, user: User
) -> PayeeShare:
    """Enter a person of the team. `share` is in percent: 60, 60% or 33.33.

    Raises Refused by field; shares may not add up to more than 100.
    """
    case = _open_to_payees(case_id, user)
    percentage = _read_share(share, case)
    person = person_payee(name=name, id_number=id_number)
    if case.payee_shares.filter(party=person).exists():
        raise Refused({"id_number": _("This person is a payee of the case already.")})
    account = add_payee_account(payee=person, bank=bank, number=number, user=user)
    payee = PayeeShare.objects.create(
        application=case, party=person, account=account, share=percentage
    )
    _fill_roster(case)
    return payee


@transaction.atomic
def remove_payee(*, case_id: int, payee_id: int, user: User) -> None:
    case = _open_to_payees(case_id, user)
    case.payee_shares.filter(pk=payee_id).delete()
    _fill_roster(case)


def _open_to_payees(case_id: int, user: User) -> Application:
    case = locked(case_id, *EDITABLE)
    require_filer(case, user)
    if rules(case).roles.payee != "members":
        raise Refused(_("This programme pays the applicant, not persons."))
    return case


def _read_share(typed: str, case: Application) -> Decimal:
    written = typed.strip().removesuffix("%").removesuffix("％").strip()
    try:
        share = Decimal(written)
        fits = 0 < share <= WHOLE and share == share.quantize(FINEST)
    except InvalidOperation:
        fits = False
    if not fits:
        raise Refused(
            {"share": _("Write a share above 0 and at most 100 percent, such as 60 or 33.33.")}
        )
    left = WHOLE - sum((payee.share for payee in case.payee_shares.all()), Decimal(0))
    if share > left:
        raise Refused({"share": _("Only %s%% is left to share; write that or less.") % left})
    return share


def _fill_roster(case: Application) -> None:
    """The programme's list of members is made from the payees; identity numbers stay masked."""
    members = rules(case).roles.members
    if members is None:
        return
    columns = getattr(rules(case).facts[members], "columns", {})
    payees = case.payee_shares.select_related("party").order_by("id")
    rows = [_row(payee, columns) for payee in payees]
    CaseFact.objects.update_or_create(
        application=case,
        key=members,
        defaults={
            "declared": rows or None,
            "confirmed": None,
            "confirmed_by": None,
            "confirmed_at": None,
        },
    )


def _row(payee: PayeeShare, columns: dict[str, Any]) -> dict[str, str]:
    known = {
        "name": payee.party.name,
        "id_number": payee.party.number_shown,
        "share": format((payee.share / WHOLE).normalize(), "f"),
    }
    return {column: value for column, value in known.items() if column in columns}
