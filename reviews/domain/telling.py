"""Tell the people concerned: rows in their inboxes with the decision, e-mail after it."""

from typing import Any

from django.urls import reverse

from applicants.domain.notices import notify
from applicants.models import Event, Membership
from reviews.models import Application


def tell_applicant(case: Application, kind: str, **data: Any) -> None:
    """Write a notice to each member of the applicant, in the transaction of what it tells.

    The newest event of the case makes the notice's key, so a retried step tells nothing twice.
    """
    members = Membership.objects.filter(party=case.applicant, is_active=True)
    event = Event.objects.filter(subject=f"case:{case.pk}").order_by("-id").first()
    for member in members.select_related("user"):
        notify(
            user=member.user,
            kind=kind,
            key=f"{kind}:{case.pk}:{event.pk if event else 0}:{member.user_id}",
            data={
                "number": case.number or "",
                "title_zh": case.programme.title_zh,
                "title_en": case.programme.title_en,
                **data,
            },
            city=case.city,
            url=reverse("reviews:case", args=[case.pk]),
        )
