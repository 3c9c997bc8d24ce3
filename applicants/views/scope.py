"""Whose eyes a page is for: a party's pages exist for its members alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from applicants.domain.members import parties_of, require_owner
from applicants.models import Party, User

PartyView = Callable[..., HttpResponseBase]


class SignedIn(HttpRequest):
    """What a view behind `login_required` is given."""

    user: User


def member_page(view: PartyView) -> PartyView:
    """`view(request, party, ...)` for members; for everybody else the page does not exist."""

    @login_required
    @wraps(view)
    def page(request: SignedIn, pk: int, **more: Any) -> HttpResponseBase:
        parties = parties_of(request.user).select_related("district")
        return view(request, get_object_or_404(parties, pk=pk), **more)

    return page


def owner_page(view: PartyView) -> PartyView:
    """The same for owners; a clerk is told that only an owner may do this."""

    @member_page
    @wraps(view)
    def page(request: SignedIn, party: Party, **more: Any) -> HttpResponseBase:
        require_owner(party=party, user=request.user)
        return view(request, party, **more)

    return page
