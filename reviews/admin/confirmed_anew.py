"""Who signs for money says first that it is still they: django-allauth's own reauthentication.

What was posted waits in the session while the person gives the password or the second factor, and
is then carried out as it was typed. A page that answers a refusal names its own address in its
forms, since it then stands under the address of the confirmation; without the list's filters, with
which django-allauth would not know it again and carry nothing out.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest
from django.utils.decorators import method_decorator


def confirmed_anew(*steps: str) -> Callable[[Any], Any]:
    """A page's method whose POST (of these steps, else every one) is confirmed first."""

    def needed(request: HttpRequest) -> bool:
        return request.method == "POST" and (not steps or _step(request) in steps)

    return method_decorator(reauthentication_required(enabled=needed))


def _step(request: HttpRequest) -> str | None:
    place = request.resolver_match.kwargs if request.resolver_match else {}
    return place.get("step") or request.POST.get("step")
