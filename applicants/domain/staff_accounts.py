"""Accounts of staff: opened by an invitation, closed without deleting anything.

Nobody knows or mails a password: the invited person sets it, by a link that works once.
"""

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from axes.utils import reset
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from applicants.domain.errors import Refused
from applicants.domain.notices import notify
from applicants.domain.texts import read_line
from applicants.models import City, Membership, User


@transaction.atomic
def open_account(*, email: str, name: str) -> User:
    """The account of a member of staff; whoever has one already, as an applicant, keeps it."""
    address = email.strip().lower()
    validate_email(address)
    shown = read_line(name, field="name", limit=80)
    user = User.objects.select_for_update().filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, None, name=shown, is_staff=True)
        # The way in is the link that goes there, so nobody else can confirm the address.
        EmailAddress.objects.create(user=user, email=address, primary=True, verified=True)
        return user
    if user.is_staff:
        raise Refused({"email": _("This person is on the staff already; give the role there.")})
    user.is_staff = user.is_active = True
    user.name = user.name or shown
    user.save(update_fields=["is_staff", "is_active", "name"])
    return user


def invite(*, user: User, city: City) -> None:
    """Mail the link at which the person sets a password; each link works once."""
    data = {"city": {"zh": city.name_zh, "en": city.name_en}, "email": user.email}
    link, kind = password_link(user), "staff.invited"
    if user.has_usable_password():
        link, kind = reverse("admin:index"), "staff.joined"
    key = f"{kind}:{user.pk}:{timezone.now().isoformat()}"
    notify(user=user, kind=kind, key=key, data=data, url=link)


def password_link(user: User) -> str:
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    who = {"uidb36": user_pk_to_url_str(user), "key": token}
    return reverse("account_reset_password_from_key", kwargs=who)


def end_sign_ins(user: User) -> None:
    """End every session and API token; the person signs in again by a new password."""
    user.set_unusable_password()  # a session dies with the password that it was opened by
    user.save(update_fields=["password"])
    Token.objects.filter(user=user).delete()


def close_account(user: User) -> None:
    """No longer of the staff, and signed out; the account stays for those who act for a party."""
    user.is_staff = False
    user.is_active = Membership.objects.filter(user=user, is_active=True).exists()
    user.save(update_fields=["is_staff", "is_active"])
    end_sign_ins(user)


def unlock(user: User) -> int:
    """Forget failed sign-ins; returns how many counters were cleared."""
    return int(reset(username=user.email))
