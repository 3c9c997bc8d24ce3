"""Lists by the last row seen: nothing is counted, and page 20,000 costs what page 1 costs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Field, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

NEWEST_FIRST = ("-id",)
SIZE, LARGEST = 50, 500


class KeysetPagination(BasePagination):
    """By the view's `keyset`: columns in one direction, the last of them unique.

    The first may be empty: rows without it come last.
    """

    def paginate_queryset(  # type: ignore[override]  # rows of a table alone have keys
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self.request, self.keyset = request, getattr(view, "keyset", NEWEST_FIRST)
        self.size = read_size(request)
        cursor = request.query_params.get("cursor")
        after = _read(cursor, self.keyset, queryset.model) if cursor else None
        found = rows_after(queryset, self.keyset, after, most=self.size + 1)
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


def rows_after(
    rows: QuerySet[Any], keyset: Sequence[str], after: Sequence[Any] | None, *, most: int
) -> list[Any]:
    """The next rows in an order that an index holds: it is entered at the place, wherever it is.

    What has no first value is read by itself, since no comparison of tuples finds it.
    """
    first = keyset[0].removeprefix("-")
    if not rows.model._meta.get_field(first).null:
        return list(_behind(rows, keyset, after)[:most])
    found: list[Any] = []
    if after is None or after[0] is not None:
        dated = rows.filter(**{f"{first}__isnull": False})
        found, after = list(_behind(dated, keyset, after)[:most]), None
    if len(found) < most:
        empty = rows.filter(**{f"{first}__isnull": True})
        found += _behind(empty, keyset[1:], after and after[1:])[: most - len(found)]
    return found


def _behind(
    rows: QuerySet[Any], keyset: Sequence[str], after: Sequence[Any] | None
) -> QuerySet[Any]:
    rows = rows.order_by(*keyset)
    if after is None:
        return rows
    names = [key.removeprefix("-") for key in keyset]
    beyond = TupleLessThan if keyset[0].startswith("-") else TupleGreaterThan
    return rows.filter(beyond(Tuple(*names), tuple(after)))


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
