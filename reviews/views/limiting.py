"""How often a connection may ask for a public page that somebody could try values on."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def within_limit(request: HttpRequest, page: str, *, most: int, seconds: int) -> bool:
    """Counts this request; false from the one after `most` until the `seconds` are over.

    allauth's own limits, which the forms use, count no GET.
    """
    key = f"limit:{page}:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, timeout=seconds)
    try:
        return bool(cache.incr(key) <= most)
    except ValueError:  # it ran out between the two: the first of a new period
        return True
