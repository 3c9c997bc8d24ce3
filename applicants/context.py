"""What every page shows in its frame."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from applicants.models import Notice

LARGE_TEXT_COOKIE = "huiqi_large_text"


def frame(request: HttpRequest) -> dict[str, Any]:
    """The unread count costs one query, and only on pages that show it."""
    return {
        "unread_notices": SimpleLazyObject(lambda: unread(request)),
        "large_text": request.COOKIES.get(LARGE_TEXT_COOKIE) == "1",
    }


def unread(request: HttpRequest) -> int:
    if not request.user.is_authenticated:
        return 0
    return Notice.objects.filter(user_id=request.user.pk, read_at=None).count()
