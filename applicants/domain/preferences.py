"""How a person wants to be told, except for what the law has served."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.serving import usual_mode
from applicants.models import NoticePreference, User
from applicants.models.notice import EmailMode

MOBILE = re.compile(r"(\+86)?1[3-9]\d{9}", re.ASCII)


def preference_of(user: User) -> NoticePreference | None:
    """What the person chose; nothing where it is left to the usual."""
    return NoticePreference.objects.filter(user=user).first()


@transaction.atomic
def choose(*, user: User, email: str, phone: str, sms: bool) -> NoticePreference:
    """Raises Refused for a number that is none, and for text messages without a number."""
    number = re.sub(r"[\s-]", "", phone)
    if number and not MOBILE.fullmatch(number):
        raise Refused({"phone": _("Write a mobile number of the mainland: 11 digits from 13.")})
    if sms and not number:
        raise Refused({"phone": _("Give a mobile number for text messages.")})
    if email not in EmailMode.values:
        known = ", ".join(EmailMode.values)
        raise Refused({"email": _("There is no such choice; write one of: %s.") % known})
    chosen, _created = NoticePreference.objects.update_or_create(
        user=user, defaults={"email": email, "phone": number, "sms": sms}
    )
    return chosen


def chosen_by(user: User) -> dict[str, object]:
    """What a form starts with: the person's choice, or what is usual."""
    row = preference_of(user)
    if row is None:
        return {"email": usual_mode(user), "phone": "", "sms": False}
    return {"email": row.email, "phone": row.phone, "sms": row.sms}
