"""Whether a case can be filed: the right kind of applicant, the window, every fact and paper."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applicants.domain.errors import Refused
from applicants.models import Party, ProfileFact
from applicants.models.party import PartyKind
from incentives.domain.language import chosen
from incentives.domain.papers import brought_at
from incentives.domain.programmes import rules_of
from incentives.domain.registry_keys import registry_keys
from incentives.domain.settings import setting
from incentives.models import Programme, ProgrammeVersion
from incentives.policy.answers import unanswered
from reviews.domain import working_days
from reviews.domain.assessing import (
    assess_case,
    declared_facts,
    filing_day,
    rules,
    settings_in_force,
    with_kind,
)
from reviews.domain.papers import papers_by_fact
from reviews.domain.sweeps_evidence import from_lists
from reviews.models import Application, CaseFact


def require_kind(programme: Programme, version: ProgrammeVersion, party: Party) -> None:
    allowed = rules_of(version).roles.applicant
    if party.kind not in allowed:
        names = "、".join(str(PartyKind(kind).label) for kind in allowed)
        raise Refused({"applicant": _("This programme is for: %s.") % names})


def fill_from_profile(case: Application) -> None:
    """Copy the newest value of every fact of the profile, and of what bureaus' lists told."""
    keys = {name: key for key, name in registry_keys(rules(case)).items()}
    newest = ProfileFact.objects.filter(party=case.applicant, key__in=list(keys))
    for fact in newest.order_by("key", "-id").distinct("key"):
        CaseFact.objects.create(application=case, key=keys[fact.key], declared=fact.value)


def require_complete(case: Application) -> None:
    """Raises Refused with every problem at once, by field."""
    problems = _window(case) | _facts(case) | _papers(case) | _payees(case)
    if not problems:
        problems = _assessment(case)
    if problems:
        raise Refused(problems)


def _window(case: Application) -> dict[str, str]:
    if case.number:  # filed in time: a supplement is bound to its own deadline
        return {}
    today = working_days.today().isoformat()
    opens, closes = (
        setting(city=case.city, key=key, programme=case.programme)
        for key in ("window_opens", "window_closes")
    )
    if opens and today < opens:
        return {"window": _("Applications open on %s.") % opens}
    if closes and today > closes:
        return {"window": _("Applications closed on %s.") % closes}
    return {}


def _facts(case: Application) -> dict[str, str]:
    missing = unanswered(
        rules(case),
        filing_day(case),
        with_kind(case, declared_facts(case)),
        settings_in_force(case),
    )
    return {key: _("Fill this in.") for key in missing}


def _papers(case: Application) -> dict[str, str]:
    laid, facts = papers_by_fact(case), rules(case).facts
    known, declared = from_lists(case), declared_facts(case)
    answered = [key for key in facts if key in declared and key not in known]
    follow = set(case.commitments.filter(state="open").values_list("fact_key", flat=True))
    wanted = {
        at: len(facts[key].evidence)
        for key, at in brought_at(rules(case), answered).items()
        if facts[key].evidence and not laid[key] and follow.isdisjoint({key, at})
    }
    return {
        f"evidence-{key}": ngettext("Upload the paper.", "Upload the papers.", count)
        for key, count in wanted.items()
    }


def _payees(case: Application) -> dict[str, str]:
    if not rules(case).outcome.pays:
        return {}
    if rules(case).roles.payee != "members":
        return {} if case.account else {"account": _("Enter the bank account to be paid to.")}
    shares = [payee.share for payee in case.payee_shares.all()]
    if not shares:
        return {"payees": _("Enter the persons who are paid, with their shares.")}
    if sum(shares) != 100:
        return {"payees": _("The shares add up to %s%%; they must add up to 100%%.") % sum(shares)}
    return {}


def _assessment(case: Application) -> dict[str, str]:
    result = assess_case(case, facts=declared_facts(case))
    if result.decision == "ineligible":
        failed = [chosen(r.text) for r in result.reasons if r.holds is False]
        return {"conditions": "; ".join(failed)}
    if result.decision == "needs_setting":
        return {
            "programme": _("A table of this programme is not decided yet; filing opens when it is.")
        }
    return {}
