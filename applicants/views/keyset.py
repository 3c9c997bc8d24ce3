"""Lists newest first, page after page by the last row seen: no page costs more than another."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

Row = TypeVar("Row", bound=Model)
SIZE = 20


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    next_url: str
    first_url: str


def page_of(request: HttpRequest, rows: QuerySet[Row], *, by: str = "pk") -> Page[Row]:
    before = request.GET.get("before", "")
    wanted = rows.order_by(f"-{by}", "-pk")
    if before:
        wanted = wanted.filter(_older(rows, before, by))
    found = list(wanted[: SIZE + 1])
    more = f"?before={found[SIZE - 1].pk}" if len(found) > SIZE else ""
    return Page(found[:SIZE], more, request.path if before else "")


def _older(rows: QuerySet[Row], before: str, by: str) -> Q:
    try:
        last = get_object_or_404(rows, pk=before)
    except (ValueError, ValidationError, OverflowError):
        raise Http404 from None
    value = getattr(last, by)
    return Q(**{f"{by}__lt": value}) | Q(**{by: value, "pk__lt": last.pk})
