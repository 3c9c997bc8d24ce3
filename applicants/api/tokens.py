"""A token for programs: for whoever is signed in, or for e-mail and password."""

from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import PermissionDenied, Throttled, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.authentication import has_expired
from applicants.api.base import Doors, Nothing
from applicants.api.confirmed_anew import confirm_session
from applicants.api.serializers import TokenInput, TokenSerializer
from applicants.models import User


class TokenDoors(Doors):
    permission_classes = [AllowAny]
    serializer_class = TokenSerializer

    @extend_schema(request=TokenInput, responses={200: TokenSerializer, 403: None})
    def create(self, request: Request) -> Response:
        """The token of the person signed in (send nothing), or of e-mail and password.

        Whoever has a second factor signs in with it and asks for the token in that session.
        A session confirms first, at /accounts/reauthenticate/, that its person is there.
        A token ends after some days (30, unless set otherwise) and with a change of the password.
        """
        given = self.read(TokenInput)
        confirm_session(request)
        user = self.person if request.user.is_authenticated else _by_password(request, given)
        return Response({"token": _token_of(user).key})

    @extend_schema(request=None, responses={204: None, 401: None})
    def end(self, request: Request) -> Response:
        """Forget the token of the person who asks."""
        self.read(Nothing)
        Token.objects.filter(user=request.user.pk).delete()
        return Response(status=204)


def _token_of(user: User) -> Token:
    """The one in use, or a new one when it has expired."""
    token, created = Token.objects.get_or_create(user=user)
    if not created and has_expired(token):
        token.delete()
        token = Token.objects.create(user=user)
    return token


def _by_password(request: Request, given: dict[str, str]) -> User:
    missing = {name: _("Fill this in.") for name in ("email", "password") if not given.get(name)}
    if missing:
        raise ValidationError(missing)
    user = _signed_in(request._request, given["email"].lower(), given["password"])
    if user is None:
        raise ValidationError(_("No account has this address and password."))
    _refuse_short_cuts(user)
    return user


def _signed_in(request: HttpRequest, email: str, password: str) -> User | None:
    who = {"email": email}
    locked = not AxesProxyHandler.is_allowed(request, who)
    user = None if locked else authenticate(request, password=password, **who)
    locked = locked or getattr(request, "axes_locked_out", False)
    request.axes_locked_out = False  # type: ignore[attr-defined]  # else its page replaces our answer
    if locked:
        raise Throttled(settings.AXES_COOLOFF_TIME.total_seconds())
    return user


def _refuse_short_cuts(user: User) -> None:
    if is_mfa_enabled(user):
        raise PermissionDenied(
            _("This account has a second factor: sign in with it and ask for the token there.")
        )
    mandatory = settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory"
    if mandatory and not EmailAddress.objects.is_verified(user.email):
        raise PermissionDenied(_("Confirm your e-mail address first."))
