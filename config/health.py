"""Whether this process can do its work, for load balancers; and counters, for those who may see."""

import hmac
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from health_check.views import HealthCheckView

from reviews.domain import watch


class Health(HealthCheckView):  # type: ignore[misc]  # the library carries no types
    """One word, and 200 or 500: what exactly is down stands in the log, not in public."""

    checks = ("health_check.checks.Database", "health_check.checks.Cache")

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        checked = await super().get(request, *args, **kwargs)
        healthy = checked.status_code == 200
        return HttpResponse(
            "ok\n" if healthy else "not ok\n", status=checked.status_code, content_type="text/plain"
        )


healthz = Health.as_view()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Nobody finds it without `Authorization: Bearer METRICS_TOKEN`."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    response.content += _last_checks().encode()
    return response


def _last_checks() -> str:
    """Also where the clock that rings for checks and warnings stands still."""
    name = "huiqi_last_nightly_check_timestamp_seconds"
    lines = [f"# HELP {name} When the nightly check last ran through.", f"# TYPE {name} gauge"]
    for place, last in watch.last_checks().items():
        lines.append(f'{name}{{place="{place}"}} {last.timestamp() if last else 0.0}')
    return "\n".join(lines) + "\n"
