from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from incentives.policy.programme import json_schema


@require_safe
@cache_control(public=True, max_age=3600)
def programme_schema(request: HttpRequest) -> JsonResponse:
    """JSON Schema of a programme file, for editors that complete and check while one types."""
    return JsonResponse(json_schema(), json_dumps_params={"ensure_ascii": False})
