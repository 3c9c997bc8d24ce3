"""What an event is called in the history of a case and in the auditors' list."""

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
    "case.concluded": _("concluded and entered in the register"),
    "opinion.prepared": _("opinion prepared"),
    "opinion.given": _("opinion given"),
    "determination.proposed": _("determination proposed"),
    "determination.sent_back": _("determination sent back"),
    "determination.approved": _("determination approved, money reserved"),
    "determination.granted": _("determination approved"),
    "determination.refused": _("determination approved: not granted"),
    "finance.checked": _("checked by finance"),
    "finance.handed_back": _("handed back by finance, reservation released"),
    "document.read": _("evidence opened"),
    "document.stored": _("document stored"),
    "register.enter": _("entered in the register"),
    "register.redeem": _("voucher redeemed"),
    "register.deliver": _("delivered"),
    "register.select": _("nomination successful"),
    "register.pass_over": _("nomination not successful"),
    "register.close": _("closed as completed"),
    "register.extend": _("extended"),
    "register.end": _("ended before its time"),
    "register.expire": _("expired"),
    "payment.paid": _("paid"),
    "payment.returned": _("payment returned by the bank"),
    "payout.prepared": _("payout batch prepared"),
    "payout.approved": _("payout batch approved"),
    "payout.cancelled": _("payout batch cancelled"),
    "payout.exported": _("payout files made"),
    "payout.downloaded": _("payout file downloaded"),
    "payout.settled": _("bank results entered"),
    "ledger.exported": _("ledger exported"),
    "pool.set": _("yearly limit across programmes set"),
    "setting.changed": _("setting changed"),
    "programme.changed": _("programme's handling bureau or listing changed"),
    "programme.version_loaded": _("programme version loaded"),
    "calendar.changed": _("working-day calendar changed"),
    "staff_role.given": _("staff role given"),
    "staff_role.changed": _("staff role changed"),
    "party.registered": _("party registered"),
    "party.edited": _("party's details changed"),
    "party.member_added": _("member added"),
    "party.member_ended": _("membership ended"),
    "party.account_added": _("bank account added"),
    "notice.undeliverable": _("e-mail could not be delivered"),
    "reminder.unaddressed": _("reminder had nobody to go to"),
    "check.clean": _("nightly check: no difference"),
    "check.differences": _("nightly check: differences found"),
}


def told(event: Event) -> str:
    """The event in words; one that has none keeps its kind, so that nothing is hidden."""
    return str(WORDS.get(event.kind, event.kind))
