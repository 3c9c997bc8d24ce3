"""Lists by the last row seen: nothing is counted, and page 20,000 costs what page 1 costs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

NEWEST_FIRST = ("-id",)
SIZE, LARGEST = 50, 500


class KeysetPagination(BasePagination):
    """By the view's `keyset`: names of columns, the last of them unique; empty values come last."""

    def paginate_queryset(  # type: ignore[override]  # rows of a table alone have keys
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self.request, self.keyset = request, getattr(view, "keyset", NEWEST_FIRST)
        self.size = read_size(request)
        rows = queryset.order_by(*(_order(key) for key in self.keyset))
        if cursor := request.query_params.get("cursor"):
            rows = rows.filter(_after(self.keyset, _read(cursor, self.keyset, queryset.model)))
        found = list(rows[: self.size + 1])
        self.more = len(found) > self.size
        self.rows = found[: self.size]
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next(), "results": data})

    def _next(self) -> str | None:
        if not self.more:
            return None
        last = [_written(self.rows[-1], key) for key in self.keyset]
        cursor = urlsafe_b64encode(json.dumps(last).encode()).decode()
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "nullable": True, "format": "uri"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"},
             "description": "Where the page before ended; part of its `next`."},
            {"name": "page_size", "in": "query", "schema": size},
        ]  # fmt: skip


def read_size(request: Request) -> int:
    written = request.query_params.get("page_size", str(SIZE))
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= LARGEST):
        raise ValidationError({"page_size": _("Write a whole number from 1 to %s.") % LARGEST})
    return int(written)


def _order(key: str) -> Any:
    name = key.removeprefix("-")
    return F(name).desc() if key.startswith("-") else F(name).asc(nulls_last=True)


def _written(row: Model, key: str) -> str | None:
    value = getattr(row, key.removeprefix("-"))
    return None if value is None else str(value)


def _read(cursor: str, keyset: Sequence[str], model: type[Model]) -> list[Any]:
    try:
        written = json.loads(urlsafe_b64decode(cursor))
        return [
            _typed(model._meta.get_field(key.removeprefix("-")), value)
            for key, value in zip(keyset, written, strict=True)
        ]
    except (ValueError, TypeError, DjangoValidationError) as error:
        raise ValidationError(
            {"cursor": _("This is no place in this list; begin without a cursor.")}
        ) from error


def _typed(field: Any, written: str | None) -> Any:
    if written is None and field.null:
        return None
    own: Field[Any, Any] = field.target_field if field.is_relation else field
    value = own.to_python(written)
    own.run_validators(value)
    return value


def _after(keyset: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows behind these values: (a > x) or (a = x and b > y) ..."""
    found, same = Q(pk__in=[]), Q()
    for key, value in zip(keyset, values, strict=True):
        name = key.removeprefix("-")
        found |= same & _beyond(key, name, value)
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return found


def _beyond(key: str, name: str, value: Any) -> Q:
    if value is None:
        return Q(pk__in=[])
    if key.startswith("-"):
        return Q(**{f"{name}__lt": value})
    return Q(**{f"{name}__gt": value}) | Q(**{f"{name}__isnull": True})
