"""What each kind of notice says: a title and a text, filled in by its data."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.domain.reminder_words import REMINDERS

Words = tuple[str | Promise, str | Promise]

WORDS: dict[str, Words] = {
    "obligation.set": (
        _("Case %(number)s: an obligation is set for %(due_on)s"),
        _("You owe in return for “%(title)s”: %(owed)s"),
    ),
    "obligation.met": (
        _("Case %(number)s: an obligation is met"),
        _("“%(owed)s” was found met. %(reason)s"),
    ),
    "obligation.broken": (
        _("Case %(number)s: an obligation is broken"),
        _("“%(owed)s” was found broken. Reason: %(reason)s. The money may be asked back."),
    ),
    "obligation.waived": (
        _("Case %(number)s: an obligation is waived"),
        _("“%(owed)s” is no longer asked of you. Reason: %(reason)s"),
    ),
    "finding.met": (
        _("Case %(number)s: instalment %(part)s falls due"),
        _("%(amount)s yuan for “%(title)s” are paid from %(due_on)s. Found: %(reason)s"),
    ),
    "finding.partly": (
        _("Case %(number)s: instalment %(part)s falls due in part"),
        _(
            "Of %(limit)s yuan for “%(title)s”, %(amount)s are paid from %(due_on)s; the rest "
            "lapses. Found: %(reason)s"
        ),
    ),
    "finding.not_met": (
        _("Case %(number)s: instalment %(part)s is not paid"),
        _("The %(limit)s yuan for “%(title)s” lapse. Found: %(reason)s"),
    ),
    "finding.withdrawn": (
        _("Case %(number)s: instalment %(part)s is withdrawn"),
        _("The %(limit)s yuan for “%(title)s” are not paid. Reason: %(reason)s"),
    ),
    "settlement.approved": (
        _("Case %(number)s: your advance is settled"),
        _(
            "By the audited figures “%(title)s” comes to %(amount)s yuan; %(used)s yuan had been "
            "awarded. More is paid as far as the limits leave it; what was paid too much is asked "
            "back by a letter. Basis: %(reason)s"
        ),
    ),
    "recovery.demanded": (
        _("Case %(number)s: money is asked back by %(due_on)s"),
        _("Of what was paid for “%(title)s”, %(amount)s yuan are asked back. Reason: %(reason)s"),
    ),
    "recovery.entered": (
        _("Case %(number)s: money that was asked back has come"),
        _("%(amount)s yuan came back; of what was asked back, %(left)s yuan are open."),
    ),
    "recovery.receipt_reversed": (
        _("Case %(number)s: money that was asked back had not come"),
        _(
            "The %(amount)s yuan entered as received on %(received_on)s had been entered wrongly. "
            "Of what was asked back, %(left)s yuan are open. Reason: %(reason)s"
        ),
    ),
    "recovery.written_off": (
        _("Case %(number)s: the rest is no longer asked back"),
        _("Reason: %(reason)s"),
    ),
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
        _("Case %(number)s has not been granted"),
        _("“%(title)s” is not granted. Reason: %(reason)s"),
    ),
    "letter.served": (
        _("Letter %(number)s is for you"),
        _("Your objection concerning “%(title)s” has been answered by this letter."),
    ),
    "case.passed": (
        _("Case %(number)s has passed to %(to_name)s"),
        _("“%(title)s” was filed by %(from_name)s; its bank account has to be entered anew."),
    ),
    "party.renamed": (
        _("%(name)s is now %(name_after)s"),
        _("Changed as of %(effective_on)s. Basis: %(basis)s. Its cases and history go on."),
    ),
    "party.merged": (
        _("%(name)s has been merged into %(name_after)s"),
        _(
            "As of %(effective_on)s. Basis: %(basis)s. Open cases and what was granted before "
            "go on with the successor; bank accounts do not."
        ),
    ),
    "party.split": (
        _("%(name)s has been split; a part goes on as %(name_after)s"),
        _("As of %(effective_on)s. Basis: %(basis)s. Bank accounts do not pass."),
    ),
    "assistance.opened": (
        _("%(clerk)s may file for %(party)s until %(ends_on)s"),
        _("As you authorised at the window. You are told of each step and can end it any time."),
    ),
    "assistance.ended": (
        _("%(clerk)s no longer files for %(party)s"),
        _("The help at the window has ended."),
    ),
    "assistance.account": (
        _("A bank account was entered at the window for %(party)s"),
        _("By %(clerk)s, on a paper that confirms it; the account ends in %(last4)s."),
    ),
    "assistance.step": (
        _("A window clerk has acted in “%(title)s” for you"),
        _("%(by)s filed on your behalf; the case page shows what was done."),
    ),
    "reconsideration.changed": (
        _("Case %(number)s is taken up again"),
        _("Your reconsideration of “%(title)s”: the decision is taken anew. Reason: %(reason)s"),
    ),
    "reconsideration.upheld": (
        _("Reconsideration of case %(number)s: the decision stands"),
        _("The decision on “%(title)s” stands. Reason: %(reason)s"),
    ),
    "task.assigned": (
        _("Case %(number)s is assigned to you"),
        _("%(by)s has given you a task in “%(title)s”, due on %(due_on)s."),
    ),
    "task.assigned_many": (
        _("%(count)s tasks are assigned to you"),
        _("%(by)s has given you %(count)s tasks; they lie in your work."),
    ),
    "note.mention": (
        _("%(author)s mentions you in a note on case %(number)s"),
        _("The note lies with “%(title)s”, for the reviewers of the case only."),
    ),
    "delegation.made": (
        _("%(deputy)s is deputy of %(absent)s"),
        _("At %(bureau)s, from %(starts_on)s to and including %(ends_on)s."),
    ),
    "delegation.ended": (
        _("%(deputy)s is no longer deputy of %(absent)s"),
        _("At %(bureau)s; the delegation was ended before its last day, %(ends_on)s."),
    ),
    "export.done": (
        _("Your export of %(count)s lines is ready"),
        _("The %(format)s file waits for you in the admin, with its SHA-256."),
    ),
    "export.failed": (
        _("Your export could not be made"),
        _("Three attempts at the %(format)s file failed; the reason stands beside it."),
    ),
    "scoring.drawn": (
        _("You are drawn to score: %(round)s"),
        _("“%(title)s”: declare first, then score each case and hand your sheets in."),
    ),
    "scoring.complete": (
        _("All score sheets are in: %(round)s"),
        _("“%(title)s”: the round can be ranked now."),
    ),
    "case.published": (
        _("Case %(number)s is in publicity"),
        _("“%(title)s” stands on publicity notice %(notice)s, open to objections."),
    ),
    "case.awarded": (
        _("Case %(number)s has been awarded"),
        _("“%(title)s”: %(amount)s yuan have been awarded. Payment follows."),
    ),
    "case.concluded": (
        _("Case %(number)s is concluded: entered as %(register)s"),
        _("“%(title)s” has been granted and stands in the register as %(register)s."),
    ),
    "register.redeem": (
        _("Voucher %(register)s has been redeemed"),
        _("“%(label)s”: %(amount)s yuan of its value have been used and fall due. %(note)s"),
    ),
    "register.deliver": (
        _("%(register)s has been delivered"),
        _("“%(label)s” has been delivered. %(note)s"),
    ),
    "register.select": (
        _("Nomination %(register)s was successful"),
        _("“%(label)s” was selected at the higher level. %(note)s"),
    ),
    "register.pass_over": (
        _("Nomination %(register)s was not successful"),
        _("“%(label)s” was not selected at the higher level. %(note)s"),
    ),
    "register.close": (
        _("%(register)s is closed as completed"),
        _("“%(label)s” has been carried out in full and is closed. %(note)s"),
    ),
    "register.extend": (
        _("%(register)s is valid to %(ends_on)s"),
        _("“%(label)s” has been extended to %(ends_on)s. %(note)s"),
    ),
    "register.end": (
        _("%(register)s has been ended before its time"),
        _("“%(label)s” is no longer in force. Reason: %(note)s"),
    ),
    "register.expire": (
        _("%(register)s has expired"),
        _("“%(label)s” was valid to %(ends_on)s and has expired."),
    ),
    "case.offered": (
        _("You qualify for “%(title)s”"),
        _("The city has found that you qualify. Confirm, and the case goes to review."),
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
    "check.difference": (
        _("Nightly check in %(city)s: differences found: %(count)s"),
        _("What does not add up, is not as it was sealed or could not be checked:"),
    ),
    "check.overdue": (
        _("No nightly check in %(city)s since %(since)s"),
        _("None has run through since then. Have the clock and the workers of Huiqi looked at."),
    ),
    "staff.invited": (
        _("You are invited to the staff of %(city)s"),
        _("Your account %(email)s is open. Set a password by the link below; it works once."),
    ),
    "staff.joined": (
        _("You are on the staff of %(city)s now"),
        _("Sign in at the desk with the account that you have: %(email)s."),
    ),
    "staff.role_given": (
        _("New role: %(role)s"),
        _("%(place)s · %(role)s. It holds from now on."),
    ),
    "staff.role_waits": (
        _("A role waits for your confirmation: %(person)s"),
        _(
            "%(place)s · %(role)s. Another security administrator has granted it; it holds only "
            "once you confirm it."
        ),
    ),
    "pool.nearly_used": (
        _("Yearly limit “%(pool)s” is %(percent)s%% used"),
        _("%(used)s of %(limit)s yuan are reserved or awarded in %(year)s; %(left)s are left."),
    ),
}

WORDS |= REMINDERS

CUT = _("%(label)s: limit %(limit)s, used before %(used)s, left %(room)s")
BALANCES: dict[str, str | Promise] = {
    "counter": _("balance of a limit"),
    "entry": _("what an award holds of a limit"),
    "opening": _("opening balance"),
    "award": _("award"),
    "committed": _("what was committed"),
    "instalments": _("instalments of an award"),
    "payment": _("payment"),
    "paid": _("paid in all"),
    "recovered": _("what was recovered or written off"),
    "reversed": _("receipt that was reversed"),
    "demand": _("recovery"),
    "budget": _("budget"),
    "pool": _("pool"),
    "registry": _("registry record"),
}
DIFFERENCE = _("%(what)s %(key)s: recorded %(recorded)s, added up %(added_up)s")
FAULTS: dict[str, str | Promise] = {
    "changed": _("%(key)s: row %(row)s is not as it was sealed"),
    "missing": _("%(key)s: row %(row)s, which was sealed, is gone"),
    "unsealed": _("%(key)s: row %(row)s was put in behind what is sealed"),
    "gap": _("%(key)s: a link is missing"),
    "cut": _("%(key)s: the end of the chain is not where it should be"),
    "anchor": _("%(key)s: not as a daily digest says"),
    "no_digest": _("%(key)s: the file is not there"),
    "bad_digest": _("%(key)s: the file is not as it was written"),
    "unguarded": _("%(key)s: this trigger is switched off, gone, or none of the release"),
    "altered": _("%(key)s: this function is not as the release defines it"),
    "dropped": _("%(key)s: this constraint is gone, or not as the release defines it"),
    "aside": _("%(key)s: none of the release"),
    "allowed": _("%(key)s: the application may do this, which the release does not let it"),
    "failed": _("%(key)s: could not be checked (%(error)s)"),
}
MORE = _("and %(count)s more")
