"""Whose failed sign-ins are counted together."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

NAMES = ("login", "email", "username")  # the portal's form, allauth's credentials, the admin's form


def attempted_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    given = credentials or request.POST
    found = next((str(given[name]) for name in NAMES if given.get(name)), None)
    return found.strip().lower() if found else None
