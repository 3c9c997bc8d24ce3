"""What the menu shows to those who score."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from applicants.models import User
from reviews.models import Expert


def menu(request: HttpRequest) -> dict[str, Any]:
    """One query, and only on pages with the menu of somebody signed in."""
    return {"scores_cases": SimpleLazyObject(lambda: _scores(request))}


def _scores(request: HttpRequest) -> bool:
    if not isinstance(request.user, User):
        return False
    return Expert.objects.filter(user=request.user, is_active=True).exists()
