"""What a case ends in, in words that fit it: paid money, or an entry of a register."""

from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.domain.registers import last_day
from incentives.models import RegisterEntry
from incentives.policy.outcomes import Valid
from incentives.policy.programme import Programme as Rules
from reviews.domain import working_days
from reviews.domain.assessing import rules
from reviews.models import Application


def conferred(known: Rules) -> str:
    """What a grant confers, enters or delivers: the title, the list, the support."""
    return pick(known.outcome.label or known.title)


def intended(case: Application, amount: Decimal) -> str:
    """What is to be granted: the sum paid, a voucher with its value, or what is conferred."""
    known = rules(case)
    if known.outcome.kind == "award":
        return yuan(amount)
    if known.outcome.pays:
        return _("%(what)s, value %(sum)s") % {"what": conferred(known), "sum": yuan(amount)}
    return conferred(known)


def figure_words(figure: Decimal | None) -> str:
    """A sum that was worked out for the register; it is never paid from here."""
    return _("%(sum)s (figure, not paid by the city)") % {"sum": yuan(figure)} if figure else ""


def printed_bound(valid: Valid | None) -> str:
    """Beside the last day that a preparer may choose: what the document prints of it."""
    if valid is None or valid.up_to_years is None:
        return _("No validity is printed. Leave it empty if it stands until it is ended.")
    latest = date_format(last_day(working_days.today(), valid.up_to_years))
    bound = _("Printed bound: at most %(years)s years, to %(day)s. Empty takes the whole of it.")
    return bound % {"years": valid.up_to_years, "day": latest}


def entry_of(case: Application) -> RegisterEntry | None:
    if case.number is None:
        return None
    found = RegisterEntry.objects.filter(city=case.city_id, case_number=case.number)
    return found.select_related("bureau", "programme").first()
