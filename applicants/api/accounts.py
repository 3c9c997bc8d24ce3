"""An account for a person, before any token: by the same form as the sign-up page."""

from allauth.account.forms import SignupForm
from allauth.account.models import EmailAddress
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors
from applicants.api.serializers import SignUpInput


class AccountDoors(Doors):
    permission_classes = [AllowAny]
    serializer_class = SignUpInput

    @extend_schema(request=SignUpInput, responses={204: None})
    def create(self, request: Request) -> Response:
        """Sign up. An address that has an account already is told by e-mail, not here."""
        given = self.read(SignUpInput)
        form = SignupForm(
            {
                "email": given["email"],
                "password1": given["password"],
                "password2": given["password"],
            }
        )
        if not form.is_valid():
            raise ValidationError(_by_field(form.errors.get_json_data()))
        user, _answer = form.try_save(request._request)
        if user is not None and settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
            EmailAddress.objects.get(user=user).send_confirmation(request._request, signup=True)
        return Response(status=204)


def _by_field(errors: dict[str, list[dict[str, str]]]) -> dict[str, list[str]]:
    names = {"password1": "password", "password2": "password", "__all__": "non_field_errors"}
    return {
        names.get(field, field): [one["message"] for one in found]
        for field, found in errors.items()
    }
