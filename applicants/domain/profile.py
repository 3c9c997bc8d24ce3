"""What a party says of itself once, to be reused by every application."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from applicants.domain.members import require_member
from applicants.models import Party, ProfileFact, User
from applicants.models.fact import FactSource


def newest_facts(party: Party) -> dict[str, ProfileFact]:
    """The value that counts of every fact: the newest, whatever its source."""
    rows = ProfileFact.objects.filter(party=party).order_by("key", "-id").distinct("key")
    return {row.key: row for row in rows}


@transaction.atomic
def declare_facts(
    *, party: Party, values: Mapping[str, Any], as_of: date, user: User
) -> list[ProfileFact]:
    """Write down what a member declares, where it differs from what stands there.

    Values are as the programme language keeps them in JSON; reading and checking come before.
    """
    require_member(party=party, user=user)
    return write_facts(party=party, values=values, as_of=as_of, user=user)


@transaction.atomic
def write_facts(
    *, party: Party, values: Mapping[str, Any], as_of: date, user: User
) -> list[ProfileFact]:
    """The same for callers who have seen to it that the user may."""
    standing = newest_facts(party)
    return [
        ProfileFact.objects.create(
            party=party,
            key=key,
            value=value,
            source=FactSource.DECLARED,
            as_of=as_of,
            recorded_by=user,
        )
        for key, value in values.items()
        if key not in standing or standing[key].value != value
    ]
