"""What an event of a case is called in its history."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import Event

WORDS: dict[str, str | Promise] = {
    "case.started": _("application started"),
    "case.submitted": _("submitted"),
    "case.supplemented": _("supplemented and submitted again"),
    "case.accepted": _("accepted"),
    "case.returned": _("returned for supplement"),
    "case.not_accepted": _("not accepted"),
    "case.withdrawn": _("withdrawn by the applicant"),
    "case.facts_confirmed": _("facts confirmed"),
    "case.published": _("published for objections"),
    "case.awarded": _("awarded"),
    "opinion.prepared": _("opinion prepared"),
    "opinion.given": _("opinion given"),
    "determination.proposed": _("determination proposed"),
    "determination.sent_back": _("determination sent back"),
    "determination.approved": _("determination approved, money reserved"),
    "determination.refused": _("determination approved: not awarded"),
    "finance.checked": _("checked by finance"),
    "finance.handed_back": _("handed back by finance, reservation released"),
}


def told(event: Event) -> str:
    """The event in words; one that has none keeps its kind, so that nothing is hidden."""
    return str(WORDS.get(event.kind, event.kind))
