"""Who may not make the finance check of a case: whoever has judged it before (不相容岗位分离).

Where 市财政局 is printed among the responsible bureaus, its opinion is given by other persons than
its check is made by; where it handles the case, by other persons than determined it.
"""

from django.db.models import Q
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.models import User
from reviews.models import Application, Determination, Opinion


def barred(case: Application, user: User) -> str:
    """Why the person may not check the case, in words; "" where nothing is in the way.

    The database trigger `finance_check_apart` holds the same.
    """
    own = Q(prepared_by=user) | Q(approved_by=user)
    if Opinion.objects.filter(own, task__application=case).exists():
        return _("You gave an opinion on this case; another person makes the finance check.")
    signed = Q(proposed_by=user) | Q(approved_by=user) | Q(signatures__signed_by=user)
    if Determination.objects.filter(signed, application=case).exists():
        return _("The finance check is made by someone who neither proposed nor approved.")
    return ""


def require_apart(case: Application, user: User) -> None:
    if said := barred(case, user):
        raise NotAllowed(said)
