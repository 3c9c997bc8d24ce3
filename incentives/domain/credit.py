"""Bad credit on the day of payment: whoever is listed is held, for that listing, until released."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import City, Party
from incentives.domain import holds
from incentives.models import CreditListing, Instalment, PayeeHold, PayoutBatch
from incentives.models.payout import HoldKind

LISTED = """
SELECT newest.*, p.id AS of_party
  FROM applicants_party p
  LEFT JOIN applicants_party s ON s.id = p.successor_id
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (c.whose, c.list_name, c.starts_on) c.*
         FROM incentives_creditlisting c
        WHERE c.city_id = %(city)s
          AND c.whose = ANY (ARRAY[p.uscc, p.identity_hmac, s.uscc, s.identity_hmac])
        ORDER BY c.whose, c.list_name, c.starts_on, c.as_of DESC, c.id DESC) newest
 WHERE p.id = ANY (%(parties)s)
   AND newest.starts_on <= %(on)s AND (newest.ends_on IS NULL OR newest.ends_on >= %(on)s)
 ORDER BY p.id, newest.id
"""


class Found(NamedTuple):
    """A listing of the payee or, without one, of the applicant: then it touches the whole award."""

    payee: Party | None
    listing: CreditListing


def listings_of(
    city: City, parties: Collection[int], on: date | None = None
) -> dict[int, list[CreditListing]]:
    """By party: its listings and its successor's that stand on a day (today), in one query."""
    told = {"city": city.pk, "parties": list(parties), "on": on or timezone.localdate()}
    found: dict[int, list[CreditListing]] = defaultdict(list)
    for row in CreditListing.objects.raw(LISTED, told):
        found[row.of_party].append(row)  # type: ignore[attr-defined]
    return dict(found)


def unseen(instalments: Sequence[Instalment]) -> dict[int, list[Found]]:
    """By instalment of one city: today's listings that nobody has looked at and released."""
    if not instalments:
        return {}
    parties = {pk for row in instalments for pk in (row.payee_id, row.award.applicant_id)}
    listed = listings_of(instalments[0].award.city, parties)
    if not listed:
        return {}
    seen = _released(instalments)
    found = {
        row.pk: [one for one in _touching(row, listed) if _key(row, one) not in seen]
        for row in instalments
    }
    return {pk: some for pk, some in found.items() if some}


def _touching(row: Instalment, listed: Mapping[int, list[CreditListing]]) -> list[Found]:
    whole = listed.get(row.award.applicant_id, [])
    own = [one for one in listed.get(row.payee_id, []) if one not in whole]
    return [*(Found(None, one) for one in whole), *(Found(row.payee, one) for one in own)]


Key = tuple[int, int | None, int | None]


def _key(row: Instalment, one: Found) -> Key:
    return row.award_id, one.payee.pk if one.payee else None, one.listing.pk


def _released(instalments: Sequence[Instalment]) -> set[Key]:
    rows = PayeeHold.objects.filter(
        kind=HoldKind.CREDIT,
        listing__isnull=False,
        released_at__isnull=False,
        award__in={row.award_id for row in instalments},
    )
    return set(rows.values_list("award", "payee", "listing"))


def hold_listed(instalments: Sequence[Instalment]) -> list[PayeeHold]:
    """Hold the payments that touch somebody who is listed today; see suspicions.look_over."""
    found = unseen(instalments)
    wanted = {_key(row, one): (row, one) for row in instalments for one in found.get(row.pk, [])}
    return [
        holds.hold(
            award=row.award,
            kind=HoldKind.CREDIT,
            text=str(one.listing),
            payee=one.payee,
            listing=one.listing,
        )
        for row, one in wanted.values()
    ]


def refuse_listed(instalments: Sequence[Instalment]) -> None:
    """Raises Refused naming the cases, and what is listed."""
    if told := _told(instalments):
        raise Refused({"instalments": _("On a list of bad credit: %(cases)s.") % {"cases": told}})


def refuse_listed_since(batch: PayoutBatch) -> None:
    """Raises Conflict naming the cases and listings, today, of a batch that is to be paid."""
    rows = Instalment.objects.filter(lines__batch=batch, lines__state="pending")
    if told := _told(list(rows.select_related("award__city", "payee").order_by("pk"))):
        message = _("On a list of bad credit: %(cases)s. Release them or cancel the batch.")
        raise Conflict(message % {"cases": told})


def _told(instalments: Sequence[Instalment]) -> str:
    found = unseen(instalments)
    told = (
        f"{row.award.case_number}（{one.listing}）"
        for row in instalments
        for one in found.get(row.pk, [])
    )
    return "；".join(dict.fromkeys(told))
