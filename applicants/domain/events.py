from typing import Any

from applicants.models import City, Event, User


def record(
    *,
    kind: str,
    subject: str,
    actor: User | None,
    city: City | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """Write what happened, inside the transaction in which it happens."""
    return Event.objects.create(
        kind=kind, subject=subject, actor=actor, city=city, reason=reason, data=data or {}
    )
