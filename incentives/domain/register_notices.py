"""What the holder of a register entry is told: each step that is taken."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse

from applicants.domain import notices
from applicants.models import Membership, Notice
from incentives.models import RegisterEntry, RegisterStep


def tell(entry: RegisterEntry, step: RegisterStep) -> None:
    """In the transaction of the step, so that none is told that was not taken."""
    data = {"note": step.note} | ({} if step.amount is None else {"amount": _plain(step.amount)})
    notices.write(_composed(entry, f"register.{step.kind}", str(step.pk), data))


def _composed(
    entry: RegisterEntry, kind: str, occasion: str, data: dict[str, Any]
) -> Iterable[Notice]:
    holder = entry.party.successor_id or entry.party_id
    members = Membership.objects.filter(party=holder, is_active=True)
    told = {
        "register": entry.number,
        "label": {"zh": entry.label_zh, "en": entry.label_en},
        "bureau": {"zh": entry.bureau.name_zh, "en": entry.bureau.name_en},
        "ends_on": entry.ends_on.isoformat() if entry.ends_on else "",
        **data,
    }
    url = reverse("programmes:held_entry", args=[entry.party_id, entry.pk])
    for member in members.values_list("user_id", flat=True):
        key = f"{kind}:{entry.pk}:{occasion}:{member}"
        yield Notice(user_id=member, kind=kind, key=key, data=told, url=url, city_id=entry.city_id)


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"
