"""A draft run against past cases, beside the version before it: its cost, who gains or loses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.models import User
from incentives.domain.draft_text import read_draft
from incentives.domain.drafts import said
from incentives.domain.programmes import rules_of, settings_of
from incentives.domain.simulate import Simulation
from incentives.domain.simulate_events import Apply, SetFund
from incentives.models import ProgrammeDraft
from incentives.policy.overrides import read_settings
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import KIND_LABELS, ChoiceFact
from incentives.policy.rendering import both, dumps
from incentives.policy.text import InputError
from reviews.domain.drafting import may_edit
from reviews.domain.simulating_cases import UNKNOWN, PastCase
from reviews.models import Simulation as Kept

ZERO = Decimal("0.00")
Group = Callable[[PastCase], Mapping[str, str]]


@transaction.atomic
def simulate_draft(
    *,
    draft: ProgrammeDraft,
    cases: Sequence[PastCase],
    title: str,
    user: User,
    budget: Decimal | None = None,
) -> Kept:
    """Run both wordings over the cases in order and keep what came out. No money is touched.

    A `budget` (yuan, for each year) is shared first come and pro rata, to be compared.
    """
    if not may_edit(user, draft.programme.city_id):
        raise NotAllowed(_("Rules are drafted and published by policy editors of the city."))
    rules, faults = read_draft(draft.written, draft.programme)
    if rules is None or faults:
        raise Refused({"written": [said(fault) for fault in faults[:5]]})
    if not cases:
        raise Refused({"cases": _("There is no past case; upload a list.")})
    before = rules_of(draft.based_on)
    settings = settings_of(draft.programme, draft.based_on)
    told = compared(before, rules, settings, cases)
    if budget is not None:
        told["budget"] = budgets(rules, settings, cases, budget)
    return Kept.objects.create(
        draft=draft,
        against=draft.based_on,
        draft_rules=dumps(rules.to_json()),
        cases=title,
        count=len(cases),
        told=dumps(told),
        started_by=user,
    )


def compared(
    before: Rules, after: Rules, settings: Mapping[str, Any], cases: Sequence[PastCase]
) -> dict[str, Any]:
    """Cost by year, district and size, and every case with both sums (yuan, as text)."""
    old, _old_wrong = granted(before, settings, cases)
    new, wrong = granted(after, settings, cases)
    pairs = [(case, old.get(case.ref, ZERO), new.get(case.ref, ZERO)) for case in cases]
    return {
        "total": sums(pairs),
        "winners": sums([pair for pair in pairs if pair[2] > pair[1]]),
        "losers": sums([pair for pair in pairs if pair[2] < pair[1]]),
        "by_year": grouped(pairs, by_year),
        "by_district": grouped(pairs, lambda case: case.district),
        "by_size": grouped(pairs, size_of(after)),
        "cases": [
            {"ref": case.ref, "before": f"{a:.2f}", "after": f"{b:.2f}", "change": f"{b - a:.2f}"}
            for case, a, b in pairs
            if a != b
        ],
        "unread": wrong,
    }


Pair = tuple[PastCase, Decimal, Decimal]


def sums(pairs: Sequence[Pair]) -> dict[str, Any]:
    before = sum((pair[1] for pair in pairs), ZERO)
    after = sum((pair[2] for pair in pairs), ZERO)
    return {
        "count": len(pairs),
        "before": f"{before:.2f}",
        "after": f"{after:.2f}",
        "change": f"{after - before:.2f}",
    }


def grouped(pairs: Sequence[Pair], group: Group) -> list[dict[str, Any]]:
    found: dict[str, tuple[Mapping[str, str], list[Pair]]] = {}
    for pair in pairs:
        label = group(pair[0])
        found.setdefault(label["zh"], (label, []))[1].append(pair)
    return [{"label": dict(label), **sums(own)} for _key, (label, own) in sorted(found.items())]


def by_year(case: PastCase) -> Mapping[str, str]:
    year = str(case.approved_on.year)
    return {"zh": year, "en": year}


def size_of(rules: Rules) -> Group:
    """By the size that the profile tells, else by the kind of applicant."""
    found = [
        (key, fact)
        for key, fact in rules.facts.items()
        if fact.profile and ("size" in key or "scale" in key) and isinstance(fact, ChoiceFact)
    ]
    key, options = (found[0][0], found[0][1].of) if found else ("applicant_kind", KIND_LABELS)

    def size(case: PastCase) -> Mapping[str, str]:
        words = options.get(str(case.facts.get(key)))
        return both(words) if words else UNKNOWN

    return size


def granted(
    rules: Rules, settings: Mapping[str, Any], cases: Iterable[PastCase]
) -> tuple[dict[str, Decimal], list[dict[str, Any]]]:
    """Yuan by ref, and the cases that these rules cannot read, with why."""
    run = Simulation({rules.code: rules}, {rules.code: readable(rules, settings)})
    wrong = played(run, rules, cases)
    list(run.settle())
    return {ref: line.granted for ref, line in run.lines.items()}, wrong


def played(run: Simulation, rules: Rules, cases: Iterable[PastCase]) -> list[dict[str, Any]]:
    wrong = []
    for case in cases:
        try:
            list(run.take(application(rules, case)))
        except InputError as error:
            problem = error.problems[0].to_json()
            wrong.append({"ref": case.ref, **problem})
    return wrong


def application(rules: Rules, case: PastCase) -> Apply:
    facts = {key: value for key, value in case.facts.items() if key in rules.given}
    return Apply(
        ref=case.ref,
        rules=rules,
        on=case.on,
        approved_on=case.approved_on.isoformat(),
        year=case.approved_on.year,
        applicant=case.applicant,
        facts=facts,
        choices=case.choices,
    )


def readable(rules: Rules, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Of the city's settings, those that this wording still has and can read."""
    kept = {}
    for key, value in settings.items():
        try:
            read_settings(rules, {key: value})
        except InputError:
            continue
        kept[key] = value
    return kept


def budgets(
    rules: Rules, settings: Mapping[str, Any], cases: Sequence[PastCase], limit: Decimal
) -> dict[str, Any]:
    """What a yearly budget leaves first come and pro rata: the sum, who is served, who in full."""
    told: dict[str, Any] = {"limit": f"{limit:.2f}"}
    for mode in ("first_come", "pro_rata"):
        run = Simulation({rules.code: rules}, {rules.code: readable(rules, settings)})
        for year in sorted({case.approved_on.year for case in cases}):
            codes = frozenset({rules.code})
            run.set_fund(SetFund("budget", rules.code, rules.city, year, limit, codes, mode))
        played(run, rules, cases)
        list(run.settle())
        lines = [line for line in run.lines.values() if line.assessed]
        told[mode] = {
            "granted": f"{sum((line.granted for line in lines), ZERO):.2f}",
            "served": sum(line.granted > 0 for line in lines),
            "in_full": sum(line.granted == line.assessed for line in lines),
            "asked": len(lines),
        }
    return told
