from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


class KnownFilters(DjangoFilterBackend):
    """A parameter that the list does not know is an error: passed over, it would show too much."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        own = list(self.get_filterset_class(view, queryset).base_filters)
        paging = view.paginator.get_schema_operation_parameters(view) if view.paginator else []
        known = {*own, *(one["name"] for one in paging)}
        strange = [name for name in request.query_params if name not in known]
        if strange:
            told = _("There is no such filter; choose from: %s.") % ", ".join(own)
            raise ValidationError({name: [told] for name in strange})
        return super().filter_queryset(request, queryset, view)
