"""A token for programs, for as long as the installation lets one live."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed


def has_expired(token: Token) -> bool:
    return bool(token.created < timezone.now() - timedelta(days=settings.API_TOKEN_DAYS))


class FreshTokenAuthentication(TokenAuthentication):
    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        user, token = super().authenticate_credentials(key)
        if has_expired(token):
            raise AuthenticationFailed(_("This token has expired; ask for a new one."))
        return user, token
