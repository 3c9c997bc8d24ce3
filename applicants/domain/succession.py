"""How organisations follow one another: former names, and which came out of which."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from applicants.domain.identifiers import plain
from applicants.models import Membership, Party, PartyChange, User
from applicants.models.party_change import ChangeKind, ChangeState


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A party that another came out of; `until` is the last day that they were one (split)."""

    party: int
    until: date | None


def ancestors(party: Party) -> list[Ancestor]:
    """Those that were merged into the party, or that it was split from, and theirs before that.

    The same that incentives.domain.registry reads for whole cities at once.
    """
    found: dict[int, Ancestor] = {}
    _collect(party.pk, None, None, found)
    return list(found.values())


def _collect(
    party: int, until: date | None, before: PartyChange | None, found: dict[int, Ancestor]
) -> None:
    changes = PartyChange.objects.filter(successor=party, state=ChangeState.MADE)
    if before is not None:
        changes = changes.filter(made_at__lt=before.made_at)
    for change in changes:
        last = _earlier(until, _last_day(change))
        known = found.get(change.party_id)
        if known is None or _later(last, known.until):
            found[change.party_id] = Ancestor(change.party_id, last)
            _collect(change.party_id, last, change, found)


def _last_day(change: PartyChange) -> date | None:
    """What a merger brings stays in force; what a split left behind was held until then."""
    return change.effective_on - timedelta(days=1) if change.kind == ChangeKind.SPLIT else None


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day), default=None)


def _later(one: date | None, other: date | None) -> bool:
    return other is not None and (one is None or one > other)


def acted_for(user: User) -> QuerySet[Any, int]:
    """Ids of the user's parties, and of those that have ended and go on as one of them."""
    own = Membership.objects.filter(user_id=user.pk, is_active=True)
    ids = own.values_list("party_id", flat=True)
    return ids.union(Party.objects.filter(successor__in=ids).values_list("pk", flat=True))


def tied(party: Party, user: User) -> bool:
    """Whether the user is, or ever was, a member of the party or of what it was, or goes on as."""
    same = Q(party=party) | Q(party__successor=party) | Q(party__predecessors=party)
    return Membership.objects.filter(same, user_id=user.pk).exists()


def formerly(words: str) -> QuerySet[Any, int]:
    """Ids of parties that once had a name with these words in it."""
    renamed = PartyChange.objects.filter(kind=ChangeKind.RENAME, state=ChangeState.MADE)
    return renamed.filter(name_before__icontains=words).values_list("party_id", flat=True)


def known_as(words: str, role: str) -> Q:
    """Rows whose party in the `role` has, or once had, a name with these words in it, or this
    credit code, however it is typed."""
    own = Q(**{f"{role}__name__icontains": words}) | Q(**{f"{role}__uscc": plain(words)})
    return own | Q(**{f"{role}__in": formerly(words)})


def former_names(party: Party) -> list[str]:
    """The newest first."""
    renamed = PartyChange.objects.filter(
        party=party, kind=ChangeKind.RENAME, state=ChangeState.MADE
    )
    return list(renamed.order_by("-made_at").values_list("name_before", flat=True))
