"""Filters of the case list that a person keeps under a name."""

from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.texts import read_line
from applicants.models import User
from reviews.models import SavedView

MOST = 20
NOT_KEPT = frozenset({"p", "before", "after", "all", "e", "o"})
"""Where in the list one was: a view is what to look for, opened at its beginning."""


def views_of(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=user.pk).order_by("name")


@transaction.atomic
def save_view(*, name: str, query: str, user: User) -> SavedView:
    """Keep a filter; the same name again replaces it. At most 20 a person."""
    _lock(user)
    name, query = _read_name(name), _read_query(query)
    others = views_of(user).exclude(name=name)
    if others.count() >= MOST:
        raise Refused({"name": _("You have %s saved views; delete one first.") % MOST})
    view, _new = SavedView.objects.update_or_create(user=user, name=name, defaults={"query": query})
    return view


@transaction.atomic
def rename_view(*, view_id: int, name: str, user: User) -> SavedView:
    _lock(user)
    view, name = _own(view_id, user), _read_name(name)
    if views_of(user).filter(name=name).exclude(pk=view.pk).exists():
        raise Refused({"name": _("You have a view of this name already.")})
    view.name = name
    view.save(update_fields=["name"])
    return view


@transaction.atomic
def delete_view(*, view_id: int, user: User) -> None:
    _own(view_id, user).delete()


def _own(view_id: int, user: User) -> SavedView:
    view = views_of(user).filter(pk=view_id).first()
    if view is None:
        raise Refused(_("You have no such view."))
    return view


def _lock(user: User) -> None:
    """Two windows of one person do not pass the limit together."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _read_name(name: str) -> str:
    return read_line(name, field="name", limit=60)


def _read_query(query: str) -> str:
    kept = [(key, value) for key, value in parse_qsl(query) if key not in NOT_KEPT]
    found = urlencode(kept)
    if not found or len(found) > 1000:
        raise Refused({"query": _("Choose a filter or search for something, then save the view.")})
    return found
