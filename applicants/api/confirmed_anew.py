"""What a browser's session may do only when its person has just confirmed to be there.

A token is asked nothing: no program can answer. It stands for the password or second factor that
was given for it, which is why a session, too, gives one out only when just confirmed.
"""

from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

_look = reauthentication_required(lambda request: None)


class ConfirmFirst(PermissionDenied):
    default_code = "reauthentication_required"
    default_detail = _("Confirm who you are at /accounts/reauthenticate/, then ask again.")


def confirm_session(request: Request) -> None:
    if not isinstance(request.successful_authenticator, SessionAuthentication):
        return
    try:
        _look(request._request)
    except ReauthenticationRequired as missing:
        raise ConfirmFirst from missing


def confirmed(door: Any) -> Any:
    """Asked before the door looks at its Idempotency-Key."""

    @wraps(door)
    def confirming(view: Any, request: Request, **place: Any) -> Response:
        confirm_session(request)
        answer: Response = door(view, request, **place)
        return answer

    return confirming
