"""What every door of the API shares: strict input, the person who asks, one way to answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import renderers, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.filtering import refuse_unknown
from applicants.models import User


class AnyFile(renderers.BaseRenderer):
    """For downloads: a file is sent whatever the client says it accepts."""

    media_type = "*/*"
    format = ""

    def render(self, data: Any, *_args: Any, **_more: Any) -> bytes:
        return b"" if data is None else json.dumps(data, ensure_ascii=False).encode()


class Input(serializers.Serializer[Any]):
    """What a request may say; a field that is not asked for is an error, not passed over."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = ", ".join(self.fields)
            strange = [key for key in data if key not in self.fields]
            if strange:
                told = _("There is no such field; write one of: %s.") % (known or "-")
                raise serializers.ValidationError({key: [told] for key in strange})
        return super().to_internal_value(data)


class Nothing(Input):
    """A request that has nothing to say."""


class Doors(viewsets.GenericViewSet[Any]):
    lookup_value_converter = "int"
    also_asked: ClassVar[Mapping[str, Sequence[str]]] = {}  # by action: what it reads of the query
    request: Request

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action and request.method in ("GET", "HEAD"):
            refuse_unknown(self, request)

    @property
    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]  # signed in, see permissions
        return user

    def handle_exception(self, exc: Exception) -> Response:
        """Refusals are JSON, where a file was asked for too."""
        response = super().handle_exception(exc)
        response.content_type = "application/json"
        return response

    def read(self, wanted: type[Input], *, partial: bool = False) -> dict[str, Any]:
        """The checked body of the request; raises ValidationError by field."""
        given = wanted(data=self.request.data, partial=partial, context={"request": self.request})
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def show(self, row: Any, serializer: Any = None) -> Any:
        found = serializer or self.get_serializer_class()
        return found(row, context=self.get_serializer_context()).data
