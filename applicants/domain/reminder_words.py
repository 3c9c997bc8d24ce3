"""What reminders of deadlines say, before and after, and when overdue work is escalated."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REMINDERS: dict[str, tuple[str | Promise, str | Promise]] = {
    "register.expiring": (
        _("%(register)s expires on %(ends_on)s"),
        _("“%(label)s” is valid to %(ends_on)s. Ask %(bureau)s about an extension before then."),
    ),
    "register.voucher_expiring": (
        _("Voucher %(register)s expires on %(ends_on)s"),
        _("“%(label)s” can be redeemed to %(ends_on)s; what is not used by then lapses."),
    ),
    "reminder.window_closing": (
        _("Applications close on %(due_on)s: %(title)s"),
        _("Your draft for “%(title)s” has not been submitted. The last day is %(due_on)s."),
    ),
    "reminder.supplement_due": (
        _("Supplement case %(number)s by %(due_on)s"),
        _("“%(title)s” waits for your supplement: %(reason)s"),
    ),
    "reminder.review_due": (
        _("Case %(number)s: %(task)s due on %(due_on)s"),
        _("“%(title)s” waits for %(bureau)s: %(task)s, due on %(due_on)s."),
    ),
    "reminder.review_overdue": (
        _("Case %(number)s: %(task)s overdue since %(due_on)s"),
        _("“%(title)s” waits for %(bureau)s: %(task)s, which was due on %(due_on)s."),
    ),
    "reminder.supplement_overdue": (
        _("Supplement of case %(number)s was due on %(due_on)s"),
        _("“%(title)s” still waits for your supplement: %(reason)s"),
    ),
    "reminder.commitment_due": (
        _("Case %(number)s: bring the promised paper by %(due_on)s"),
        _(
            "You promised for “%(title)s”: %(promised)s. Without it the case goes back to you "
            "after %(due_on)s."
        ),
    ),
    "reminder.commitment_overdue": (
        _("Case %(number)s: the promised paper was due on %(due_on)s"),
        _("You promised for “%(title)s”: %(promised)s. It has not come."),
    ),
    "reminder.obligation_due": (
        _("Case %(number)s: an obligation falls due on %(due_on)s"),
        _("For the award of “%(title)s” you owe: %(owed)s"),
    ),
    "reminder.obligation_overdue": (
        _("Case %(number)s: an obligation was due on %(due_on)s"),
        _("Owed for the award of “%(title)s” and not yet shown to be met: %(owed)s"),
    ),
    "reminder.objection_due": (
        _("Objection %(objection)s: answer by %(due_on)s"),
        _("The objection against case %(number)s, “%(title)s”, waits for its decision."),
    ),
    "reminder.objection_overdue": (
        _("Objection %(objection)s: the answer was due on %(due_on)s"),
        _("The objection against case %(number)s, “%(title)s”, still waits for its decision."),
    ),
    "reminder.reconsideration_due": (
        _("Case %(number)s: decide the reconsideration by %(due_on)s"),
        _("The reconsideration of “%(title)s” waits for its decision."),
    ),
    "reminder.reconsideration_overdue": (
        _("Case %(number)s: the reconsideration was due on %(due_on)s"),
        _("The reconsideration of “%(title)s” still waits for its decision."),
    ),
    "reminder.publicity_ended": (
        _("Publicity notice %(notice)s has ended: awards may be decided"),
        _("%(count)s cases of notice %(notice)s wait for the decision of their awards."),
    ),
    "reminder.payment_due": (
        _("Case %(number)s: pay by %(due_on)s"),
        _("Instalment %(part)s of “%(title)s”, %(amount)s yuan, is in no payout batch yet."),
    ),
    "reminder.payment_overdue": (
        _("Case %(number)s: payment was due on %(due_on)s"),
        _("Instalment %(part)s of “%(title)s”, %(amount)s yuan, has not been paid."),
    ),
    "reminder.instalment_due": (
        _("Case %(number)s: an instalment falls due on %(due_on)s"),
        _("Instalment %(part)s of “%(title)s”: %(amount)s yuan fall due on %(due_on)s."),
    ),
    "reminder.escalated_to_leader": (
        _("Overdue in your bureau: case %(number)s, %(task)s"),
        _("“%(title)s” has waited for %(bureau)s since %(due_on)s: %(task)s."),
    ),
    "reminder.escalated_to_office": (
        _("Overdue at %(bureau)s: case %(number)s, %(task)s"),
        _("“%(title)s” has waited for %(bureau)s since %(due_on)s: %(task)s."),
    ),
}
