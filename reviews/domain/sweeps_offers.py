"""A case that the city opened, as its organisation answers it: confirm or decline."""

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import User
from reviews.domain import applications
from reviews.models import Application


@transaction.atomic
def confirm_offer(
    *, case_id: int, account_id: int | None, user: User, declared_true: bool
) -> Application:
    """Choose the account, declare the facts true, file: the case's only step for its applicant."""
    if account_id is not None:
        applications.choose_account(case_id=case_id, account_id=account_id, user=user)
    return applications.submit(case_id=case_id, user=user, declared_true=declared_true)


@transaction.atomic
def decline_offer(*, case_id: int, reason: str, user: User) -> Application:
    if not reason.strip():
        raise Refused({"reason": _("State why: the city learns from it.")})
    return applications.withdraw(case_id=case_id, user=user, reason=reason)
