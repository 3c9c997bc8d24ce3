"""Somebody at a browser who has just confirmed to be there, as money asks for."""

import time

from django.test import Client

from applicants.models import User


def signed_in(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    client.force_login(user)
    confirm(client, user)
    return client


def confirm(client: Client, user: User, at: float | None = None) -> None:
    """What django-allauth writes into the session once the password was given anew."""
    session = client.session
    given = {"method": "password", "at": at or time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [given]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
