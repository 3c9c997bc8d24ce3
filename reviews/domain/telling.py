"""Tell the people concerned: rows in their inboxes with the decision, e-mail after it."""

from typing import Any

from django.urls import reverse

from applicants.domain.notices import notify
from applicants.models import Event, Membership, User
from reviews.models import Application, Letter


def tell_applicant(case: Application, kind: str, **data: Any) -> None:
    """Write a notice to each member of the applicant, in the transaction of what it tells.

    The newest event of the case makes the notice's key, so a retried step tells nothing twice.
    """
    event = Event.objects.filter(subject=f"case:{case.pk}").order_by("-id").first()
    place = reverse("reviews:case", args=[case.pk])
    _tell_members(case, kind, str(event.pk if event else 0), place, data)


def tell_letter(case: Application, kind: str, letter: Letter, **data: Any) -> None:
    """As `tell_applicant`, of a step with a letter: the notice leads to it."""
    place = reverse("reviews:letter", args=[letter.pk])
    _tell_members(case, kind, f"letter{letter.pk}", place, data)


def tell_reader(user: User, letter: Letter) -> None:
    """Lead somebody who is not of the applicant to a letter: who objected, to its answer."""
    programme = letter.application.programme
    notify(
        user=user,
        kind="letter.served",
        key=f"letter.served:{letter.pk}:{user.pk}",
        data={
            "number": letter.number,
            "title_zh": programme.title_zh,
            "title_en": programme.title_en,
        },
        url=reverse("reviews:letter", args=[letter.pk]),
    )


def _tell_members(
    case: Application, kind: str, cause: str, place: str, data: dict[str, Any]
) -> None:
    heard = case.applicant.successor_id or case.applicant_id
    members = Membership.objects.filter(party=heard, is_active=True)
    for member in members.select_related("user"):
        notify(
            user=member.user,
            kind=kind,
            key=f"{kind}:{case.pk}:{cause}:{member.user_id}",
            data={
                "number": case.number or "",
                "title_zh": case.programme.title_zh,
                "title_en": case.programme.title_en,
                **data,
            },
            city=case.city,
            url=place,
        )
