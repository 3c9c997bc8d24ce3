"""A city's endpoints for text messages and webhooks, kept by its system administrator."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.claiming import ATTEMPTS
from applicants.domain.crypto import encrypt
from applicants.domain.deliveries import SECRET
from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.notice_words import WORDS
from applicants.domain.outgoing import read_address
from applicants.models import City, Endpoint, User
from applicants.models.notice import Channel
from reviews.domain.roles import roles_of
from reviews.models.staff import Role

LONGEST_URL = 300


@transaction.atomic
def set_up(
    *, city: City, channel: str, url: str, kinds: list[str], user: User
) -> tuple[Endpoint, str]:
    """The endpoint and its secret, which nobody can read again; raises Refused by field."""
    _require(user, city)
    if channel not in Channel.values:
        raise Refused({"channel": _("Choose text messages or a webhook.")})
    if len(url) > LONGEST_URL:
        raise Refused({"url": _("Write at most %s characters.") % LONGEST_URL})
    address = read_address(url).geturl()
    if strange := sorted(set(kinds) - WORDS.keys()):
        raise Refused({"kinds": _("There is no such kind of notice: %s.") % ", ".join(strange)})
    secret = secrets.token_urlsafe(32)
    endpoint = Endpoint.objects.create(
        city=city,
        channel=channel,
        url=address,
        kinds=sorted(set(kinds)),
        secret_encrypted=encrypt(secret.encode(), purpose=SECRET),
        set_by=user,
    )
    _note(endpoint, user, "endpoint.set_up", channel=channel, url=address)
    return endpoint, secret


@transaction.atomic
def renew_secret(*, endpoint_id: int, user: User) -> str:
    """From now on the new one signs, what waits too; the old one is gone."""
    endpoint = _locked(endpoint_id, user)
    secret = secrets.token_urlsafe(32)
    endpoint.secret_encrypted = encrypt(secret.encode(), purpose=SECRET)
    endpoint.save(update_fields=["secret_encrypted"])
    _note(endpoint, user, "endpoint.secret_renewed")
    return secret


@transaction.atomic
def switch(*, endpoint_id: int, on: bool, user: User) -> Endpoint:
    """Off: what waits is given up, so that nothing stale leaves when it is on again."""
    endpoint = _locked(endpoint_id, user)
    endpoint.is_active = on
    endpoint.save(update_fields=["is_active"])
    given_up = 0
    if not on:
        waiting = endpoint.delivery_set.filter(sent_at=None, attempts__lt=ATTEMPTS)
        given_up = waiting.update(attempts=ATTEMPTS, last_error="the endpoint was switched off")
    _note(endpoint, user, "endpoint.switched", on=on, given_up=given_up)
    return endpoint


def _locked(endpoint_id: int, user: User) -> Endpoint:
    endpoints = Endpoint.objects.select_for_update(of=("self",)).select_related("city")
    endpoint = endpoints.get(pk=endpoint_id)
    _require(user, endpoint.city)
    return endpoint


def _require(user: User, city: City) -> None:
    if not roles_of(user).filter(city=city, role=Role.SYSTEM).exists():
        raise NotAllowed(_("Endpoints are kept by the city's system administrator."))


def _note(endpoint: Endpoint, user: User, kind: str, **data: object) -> None:
    subject = f"endpoint:{endpoint.pk}"
    record(kind=kind, subject=subject, actor=user, city=endpoint.city, data=data)
