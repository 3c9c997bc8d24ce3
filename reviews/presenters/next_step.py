from django.utils.formats import date_format
from django.utils.translation import gettext as _

from incentives.models.register import EntryState
from reviews.domain import determinations, working_days
from reviews.domain.assessing import rules
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.presenters.outcomes import conferred, entry_of
from reviews.presenters.payments import owes_back, tell_award


def next_step(case: Application) -> str:
    """What happens next and by when; empty once nothing more does."""
    kind = rules(case).outcome.kind
    told = _concluded(case, kind) if case.state == CaseState.CONCLUDED else _on_the_way(case, kind)
    day = date_format(case.due_on) if case.due_on else _("the deadline")
    if working_days.is_provisional(case.due_on):
        day = _("%s (provisional: the holidays of that year are not published yet)") % day
    what = conferred(rules(case))
    return told % {"bureau": case.handling_bureau, "day": day, "what": what}


def _on_the_way(case: Application, kind: str) -> str:
    reviewed = _("The bureaus review the case; %(bureau)s determines it by %(day)s.")
    return {
        CaseState.DRAFT: _("Fill in the form, check your answers and submit."),
        CaseState.SUBMITTED: _(
            "%(bureau)s accepts the case, or tells you everything that is missing, by %(day)s."
        ),
        CaseState.RETURNED: _("Supplement what is named below by %(day)s."),
        CaseState.ACCEPTED: reviewed,
        CaseState.PROPOSED: _proposed(case) or reviewed,
        CaseState.DETERMINED: _determined(case),
        CaseState.CHECKED: _("The intended award is made public by %(day)s.")
        if kind == "award"
        else _("The intended holder is made public by %(day)s."),
        CaseState.PUBLICITY: _("After publicity the award is decided by %(day)s.")
        if kind == "award"
        else _("After publicity %(bureau)s enters “%(what)s” in the register by %(day)s."),
        CaseState.AWARDED: _awarded(case),
    }.get(CaseState(case.state), "")


def _proposed(case: Application) -> str:
    """No day is promised for the sharing of a budget over all that wait for it."""
    if case.state != CaseState.PROPOSED or not determinations.waiting(case):
        return ""
    return _("The bureaus have reviewed the case; it waits until the year's budget is shared out.")


def _awarded(case: Application) -> str:
    """By its payments: one that came back waits for the applicant, and nobody else."""
    if case.state != CaseState.AWARDED:
        return ""
    award = tell_award(case)
    if award is None:
        return _("Nothing is left to be paid.")
    if owes_back(case):
        return _("Money is asked back; a letter says where and by when to pay it.")
    tags = {part.tag for part in award.instalments}
    if "bad" in tags:
        return _("The bank returned a payment: give another account below.")
    return (
        _("Everything is paid.")
        if tags == {"ok"}
        else _("The award is paid to the account on file.")
    )


def _determined(case: Application) -> str:
    if rules(case).outcome.pays:
        return _("The finance bureau checks the case by %(day)s.")
    return _("The intended holder is made public by %(day)s.")


def _concluded(case: Application, kind: str) -> str:
    """What is still to come of an entry in force; most simply stand."""
    entry = entry_of(case)
    if entry is None or entry.state != EntryState.IN_FORCE:
        return ""
    return {
        "voucher": _("Redeem the voucher at %(bureau)s with the contract and the invoice."),
        "in_kind": _("%(bureau)s delivers what was granted and tells you when it is done."),
        "agreement": _("%(bureau)s carries out what was agreed and tells you when it is done."),
        "nomination": _("%(bureau)s puts you forward and tells you the result."),
        "investment": _("%(bureau)s arranges what was granted with you."),
    }.get(kind, "")
