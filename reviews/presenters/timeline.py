"""What has happened in a case, for its applicant; what bureaus tell one another stays out."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from applicants.models import Event
from reviews.domain.cases import subject_of
from reviews.models import Application
from reviews.models.letter import LetterKind
from reviews.presenters.decisions import cut_words

GIVES_REASON = {
    "case.returned",
    "case.not_accepted",
    "case.withdrawn",
    "determination.refused",
    "payment.returned",
    "finding.confirmed",
    "settlement.approved",
}


@dataclass(frozen=True)
class Happened:
    at: datetime
    says: str
    reason: str


def words() -> dict[str, str]:
    return {
        "case.started": _("Draft started"),
        "case.offered": _("Opened by the city"),
        "case.submitted": _("Submitted"),
        "case.passed": _("Passed to the successor of the applicant"),
        "assistance.taken_on": _("Taken on by a window clerk"),
        "case.supplemented": _("Supplemented and submitted again"),
        "case.accepted": _("Accepted for review"),
        "case.returned": _("Returned to be supplemented"),
        "case.not_accepted": _("Not accepted"),
        "case.withdrawn": _("Withdrawn"),
        "determination.approved": _("Determined"),
        "determination.granted": _("Determined: granted"),
        "determination.refused": _("Determined: not granted"),
        "finance.checked": _("Checked by finance"),
        "finance.handed_back": _("Given back to the handling bureau to determine anew"),
        "case.published": _("In publicity"),
        "case.awarded": _("Awarded"),
        "finding.confirmed": _("Looked at whether an instalment falls due"),
        "settlement.approved": _("Advance settled on the audited figures"),
        "payment.paid": _("Paid"),
        "payment.returned": _("Payment returned by the bank"),
        "payment.account_given": _("Another account given"),
        "case.concluded": _("Concluded and entered in the register"),
        "letter.issued": _("Letter issued"),
        "letter.read": _("Letter opened"),
    }


def timeline(case: Application) -> list[Happened]:
    told = words()
    events = Event.objects.filter(subject=subject_of(case), kind__in=list(told)).order_by("id")
    return [
        Happened(event.at, _says(event, told), _why(event))
        for event in events
        if event.data.get("kind") != LetterKind.OBJECTION  # a letter to somebody else
    ]


def _says(event: Event, told: dict[str, str]) -> str:
    if event.kind.startswith("letter."):
        return f"{told[event.kind]} {event.data['number']}"
    if event.data.get("on_behalf_of"):
        return _("%(what)s, at the window for you") % {"what": told[event.kind]}
    return told[event.kind]


def _why(event: Event) -> str:
    """Where the caps left nothing they are the reason, not what was said for the award."""
    if event.kind not in GIVES_REASON:
        return ""
    cuts = event.data.get("cuts", [])
    return " ".join(cut_words(cut) for cut in cuts) or event.reason
