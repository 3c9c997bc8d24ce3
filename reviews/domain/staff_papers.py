"""Papers of the city in a case: attachments of opinions, minutes, findings, objections.

They open for the staff who see what they are laid to, and never for the applicant.
"""

from collections.abc import Iterator, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import Document, User
from incentives.models import InstalmentFinding
from reviews.domain.interests import opens_to
from reviews.domain.queries import REVIEWING, cases_answered_for, cases_for_staff
from reviews.domain.roles import roles_of
from reviews.models import (
    Application,
    Objection,
    Opinion,
    OpinionPaper,
    Reconsideration,
    Resolution,
)

MOST = 10  # attachments of one opinion


def require_own(papers: Sequence[Document], user: User | None, *, field: str) -> None:
    """Only what the person has just handed in as a paper of the city: no paper changes its case."""
    by = user.pk if user else None
    if any(one.party_id is not None or one.uploaded_by_id != by for one in papers):
        raise Refused({field: _("Attach a paper that you have uploaded for this yourself.")})


def attach(opinion: Opinion, papers: Sequence[Document], user: User) -> None:
    """Lay papers to an opinion in preparation; those of an earlier draft stay with it."""
    require_own(papers, user, field="papers")
    if opinion.papers.count() + len(papers) > MOST:
        raise Refused({"papers": _("An opinion has at most %s attachments.") % MOST})
    OpinionPaper.objects.bulk_create(OpinionPaper(opinion=opinion, document=one) for one in papers)


def found_in(document: Document, user: User) -> tuple[Application, str] | None:
    """The case in which this person may read the paper, and what it is laid to."""
    if document.party_id is not None:
        return None
    return next((one for one in _places(document, user) if opens_to(one[0], user)), None)


def _places(document: Document, user: User) -> Iterator[tuple[Application, str]]:
    seen, answered = cases_for_staff(user), cases_answered_for(user)
    held = roles_of(user).filter(role__in=REVIEWING, bureau__isnull=False).values("bureau")
    shown = Q(opinion__approved_by__isnull=False) | Q(opinion__task__bureau__in=held)
    attached = OpinionPaper.objects.filter(shown, document=document)
    for paper in attached.filter(opinion__task__application__in=seen):
        yield paper.opinion.task.application, "opinion"
    minutes = Resolution.objects.filter(document=document)
    for resolution in minutes.filter(opinion__task__application__in=seen):
        yield resolution.opinion.task.application, "minutes"
    findings = InstalmentFinding.objects.filter(document=document)
    for case in seen.filter(number__in=findings.values("instalment__award__case_number")):
        yield case, "finding"
    objections = Objection.objects.filter(document=document)
    for objection in objections.filter(item__application__in=answered):
        yield objection.item.application, "objection"
    asked = Reconsideration.objects.filter(document=document, application__in=answered)
    for one in asked.select_related("application"):
        yield one.application, "reconsideration"
