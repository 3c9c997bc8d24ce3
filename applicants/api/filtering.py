from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

FORMAT = settings.REST_FRAMEWORK.get("URL_FORMAT_OVERRIDE", "format")


def refuse_unknown(view: Any, request: Request) -> None:
    """A parameter that the door does not know is an error: passed over, it would show too much."""
    known = known_parameters(view)
    strange = [name for name in request.query_params if name not in (*known, FORMAT)]
    if strange:
        told = _("There is no such parameter here; it takes none.")
        if known:
            told = _("There is no such parameter here; choose from: %s.") % ", ".join(known)
        raise ValidationError({name: [told] for name in strange})


def known_parameters(view: Any) -> list[str]:
    """What the action is filtered and paged by; `also_asked` are those that it reads itself."""
    also = list(view.also_asked.get(view.action, ()))
    if view.action == "retrieve":
        return also
    filters = getattr(view, "filterset_class", None)
    paging = view.paginator.get_schema_operation_parameters(view) if view.paginator else []
    own = list(filters.base_filters) if filters else []
    return [*own, *also, *(one["name"] for one in paging)]
