from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reviews.models import Application
from reviews.models.lifecycle import CaseState


def next_step(case: Application) -> str:
    """What happens next and by when; empty once nothing more does."""
    words = {
        CaseState.DRAFT: _("Fill in the form, check your answers and submit."),
        CaseState.SUBMITTED: _(
            "%(bureau)s accepts the case, or tells you everything that is missing, by %(day)s."
        ),
        CaseState.RETURNED: _("Supplement what is named below by %(day)s."),
        CaseState.ACCEPTED: _("The bureaus review the case; %(bureau)s determines it by %(day)s."),
        CaseState.PROPOSED: _("The bureaus review the case; %(bureau)s determines it by %(day)s."),
        CaseState.DETERMINED: _("The finance bureau checks the case by %(day)s."),
        CaseState.CHECKED: _("The intended award is made public by %(day)s."),
        CaseState.PUBLICITY: _("After publicity the award is decided by %(day)s."),
        CaseState.AWARDED: _("The award is paid to the account on file."),
    }.get(CaseState(case.state), "")
    day = date_format(case.due_on) if case.due_on else _("the deadline")
    return words % {"bureau": case.handling_bureau, "day": day}
