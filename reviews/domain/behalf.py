"""Who files: the applicant's members, or a window clerk on their behalf (代办), for as long as the
applicant's authorisation stands. What such a clerk does is told to the applicant step by step."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from applicants.domain import documents
from applicants.domain.errors import NotAllowed
from applicants.domain.members import role_in
from applicants.domain.notices import notify
from applicants.models import Document, Event, Membership, Party, User
from reviews.domain import working_days
from reviews.domain.roles import roles_of
from reviews.models import Application, Assistance
from reviews.models.staff import Role


def standing(*, clerk: User) -> QuerySet[Assistance]:
    """The clerk's assistance that stands today; none once the clerk is at no window any more."""
    if not roles_of(clerk).filter(role=Role.WINDOW).exists():
        return Assistance.objects.none()
    newest = Assistance.objects.filter(clerk=clerk).order_by("party_id", "-id").distinct("party_id")
    return Assistance.objects.filter(
        pk__in=newest.values("pk"), ended_by=None, ends_on__gte=working_days.today()
    )


def assisted(party: Party, user: User) -> bool:
    return user.is_staff and standing(clerk=user).filter(party=party).exists()


def own_or_assisted(user: User, own: Q) -> Q:
    """Of cases: those of the person's parties, and for a clerk those taken on, no others."""
    if not user.is_staff:
        return own
    return own | Q(assisted_by=user.pk, applicant__in=standing(clerk=user).values("party"))


def on_behalf(case: Application, user: User | None) -> bool:
    """Whether the person acts in the case as its window clerk."""
    return user is not None and case.assisted_by_id == user.pk


def require_filer(case: Application, user: User) -> None:
    """Raises NotAllowed but for the applicant's members, and for the clerk who took the case on.

    Where the applicant has ended, its successor's members file.
    """
    if role_in(party=case.applicant.successor or case.applicant, user=user) is not None:
        return
    if not (on_behalf(case, user) and assisted(case.applicant, user)):
        raise NotAllowed(_("Only members of the applicant may do this."))


def may_start(party: Party, user: User) -> bool:
    return role_in(party=party, user=user) is not None or assisted(party, user)


def assisted_by(clerk: User) -> QuerySet[Party]:
    """The applicants whom the clerk helps today."""
    parties = Party.objects.filter(pk__in=standing(clerk=clerk).values("party"))
    return parties.order_by("name", "id")


def keep_paper(case: Application, *, upload: "UploadedFile[bytes]", user: User) -> Document:
    """Keep a paper that is filed with a case, as one of its applicant's."""
    require_filer(case, user)
    return documents.keep(party=case.applicant, upload=upload, user=user)


def ever_assisted(case: Application, user: User) -> bool:
    """Who filed for an applicant reviews none of its cases."""
    taken_on = case.assisted_by_id == user.pk
    return taken_on or Assistance.objects.filter(party=case.applicant_id, clerk=user.pk).exists()


def absent(case: Application) -> dict[str, Any]:
    """What an event keeps of the applicant for whom the clerk acted."""
    return {"on_behalf_of": case.applicant.name}


def tell_of_step(case: Application, event: Event) -> None:
    """Every member of the applicant learns what the clerk did, and where to end it."""
    assert event.actor is not None  # noqa: S101  # for the type: a clerk acted
    for member in Membership.objects.filter(party=case.applicant, is_active=True):
        notify(
            user=member.user,
            kind="assistance.step",
            key=f"assistance.step:{event.pk}:{member.user_id}",
            data={
                "number": case.number or "",
                "title_zh": case.programme.title_zh,
                "title_en": case.programme.title_en,
                "by": str(event.actor),
                "event": event.kind,
            },
            city=case.city,
            url=reverse("reviews:case", args=[case.pk]),
        )
