"""What each kind of notice says: a title and a text, filled in by its data."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = tuple[str | Promise, str | Promise]

WORDS: dict[str, Words] = {
    "case.accepted": (
        _("Case %(number)s has been accepted"),
        _("“%(title)s” is now with the responsible bureaus for review."),
    ),
    "case.returned": (
        _("Case %(number)s needs a supplement"),
        _("“%(title)s” has been returned to you. What to supplement: %(reason)s"),
    ),
    "case.not_accepted": (
        _("Case %(number)s has not been accepted"),
        _("“%(title)s” has not been accepted. Reason: %(reason)s"),
    ),
    "case.refused": (
        _("Case %(number)s ends without an award"),
        _("“%(title)s” is not awarded. Reason: %(reason)s"),
    ),
    "case.published": (
        _("Case %(number)s is in publicity"),
        _("“%(title)s” stands on publicity notice %(notice)s, open to objections."),
    ),
    "case.awarded": (
        _("Case %(number)s has been awarded"),
        _("“%(title)s”: %(amount)s yuan have been awarded. Payment follows."),
    ),
    "payment.paid": (
        _("Payment for case %(number)s has been made"),
        _("“%(title)s”: %(amount)s yuan have been paid to %(payee)s."),
    ),
    "payment.returned": (
        _("Payment for case %(number)s has come back"),
        _(
            "“%(title)s”: %(amount)s yuan to %(payee)s were returned by the bank (%(note)s). "
            "Check the bank account."
        ),
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
    "check.difference": (
        _("Nightly check in %(city)s: differences found: %(count)s"),
        _("Balances that are not the sum of their entries, as recorded and as added up again:"),
    ),
    "pool.nearly_used": (
        _("Yearly limit “%(pool)s” is %(percent)s%% used"),
        _("%(used)s of %(limit)s yuan are reserved or awarded in %(year)s; %(left)s are left."),
    ),
}

CUT = _("%(label)s: limit %(limit)s, used before %(used)s, left %(room)s")
BALANCES: dict[str, str | Promise] = {
    "counter": _("balance of a limit"),
    "award": _("award"),
    "payment": _("payment"),
}
DIFFERENCE = _("%(what)s %(key)s: recorded %(recorded)s, added up %(added_up)s")
MORE = _("and %(count)s more")
