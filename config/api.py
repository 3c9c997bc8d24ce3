"""How the API says what went wrong, and how its schema says so."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.openapi import AutoSchema
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny

from applicants.domain.errors import Conflict, Gone, crossed, words_of_crossing
from applicants.domain.idempotency import OtherRequest


class Moved(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


class KeptNoLonger(exceptions.APIException):
    status_code = 410
    default_code = "gone"


class KeyUsed(exceptions.APIException):
    status_code = 422
    default_code = "idempotency_key_used"


REFUSED: dict[type[DjangoValidationError], type[exceptions.APIException]] = {
    OtherRequest: KeyUsed,
    Gone: KeptNoLonger,
    Conflict: Moved,
}


class Refusals(ExceptionHandler):
    """Our verbs raise Django's exceptions: 400 by field, 403 with the reason, 409 when too late,
    410 when it is kept no longer."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        for refusal, told in REFUSED.items():
            if isinstance(exc, refusal):
                return told(" ".join(exc.messages))
        if crossed(exc):
            return Moved(words_of_crossing())
        if isinstance(exc, DjangoValidationError):
            return exceptions.ValidationError(_by_field(exc))
        if isinstance(exc, PermissionDenied) and exc.args:
            return exceptions.PermissionDenied(str(exc))
        return super().convert_known_exceptions(exc)


def _by_field(error: DjangoValidationError) -> dict[str, list[str]]:
    found = (
        error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    )
    return {
        "non_field_errors" if field == NON_FIELD_ERRORS else field: messages
        for field, messages in found.items()
    }


class OneErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(help_text="What was wrong and what to write instead.")
    attr = serializers.CharField(allow_null=True, help_text="The field; empty when it is none's.")


class ErrorsSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="validation_error, client_error or server_error")
    errors = OneErrorSerializer(many=True)  # type: ignore[assignment]


class ErrorSchema(AutoSchema):
    """Every operation names the refusals it can answer with."""

    def _should_add_error_response(self, responses: dict[str, Any], status_code: str) -> bool:
        return status_code not in responses and status_code in self._refusals()

    def _refusals(self) -> set[str]:
        found = {"405", "406", "429"}
        if self.method in ("POST", "PUT", "PATCH"):
            found |= {"400", "409", "415"}
        if self.method == "DELETE":
            found |= {"400", "409"}
        if self.method == "GET":
            found.add("400")
        if not self._is_public():
            found |= {"401", "403"}
        if self.path.count("{"):
            found.add("404")
        if any(one["name"] == "Idempotency-Key" for one in self._get_parameters()):
            found.add("422")
        return found

    def _is_public(self) -> bool:
        return any(isinstance(one, AllowAny) for one in self.view.get_permissions())
