"""“Could we get this?”: programmes assessed on what is known of an applicant. Nothing is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from applicants.domain.profile import declare_facts, newest_facts
from applicants.models import Party, User
from incentives.domain.facts import read_values
from incentives.domain.listing import Wanted, listed
from incentives.domain.programmes import rules_of, warm
from incentives.models import ProgrammeVersion, Setting
from incentives.policy.answers import asked
from incentives.policy.assessment import assess
from incentives.policy.programme import Programme as Rules
from incentives.policy.result import Assessment

ORDER = ("eligible", "needs_choice", "needs_facts", "pending_round", "needs_setting", "ineligible")


@dataclass(frozen=True)
class Answer:
    version: ProgrammeVersion
    rules: Rules
    assessment: Assessment


def profile_of(party: Party) -> dict[str, Any]:
    """The newest value of each fact in the party's profile."""
    return {key: fact.value for key, fact in newest_facts(party).items()}


def shared_facts(kind: str) -> dict[str, Rules]:
    """The profile facts of all programmes for this kind of applicant, each as the first asks it."""
    found: dict[str, Rules] = {}
    versions = list(listed(Wanted(kind=kind)).defer("definition"))
    warm(versions)
    for rules in map(rules_of, versions):
        for key, fact in rules.facts.items():
            if fact.profile:
                found.setdefault(key, rules)
    return found


def declare_profile(
    *, party: Party, shared: Mapping[str, Rules], values: Mapping[str, Any], user: User
) -> dict[str, str]:
    """Keep what can be read; returns what was wrong with the others. Empty clears."""
    standing = profile_of(party)
    problems: dict[str, str] = {}
    declared: dict[str, Any] = {}
    for key, value in values.items():
        kept, wrong = read_values(shared[key], {key: value})
        problems |= wrong
        declared |= {k: "" if v is None else v for k, v in kept.items() if v or k in standing}
    declare_facts(party=party, values=declared, as_of=timezone.localdate(), user=user)
    return problems


def usable(rules: Rules, known: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is known, the profile facts that this programme asks for and can read."""
    shared = {k: v for k, v in known.items() if k in rules.facts and rules.facts[k].profile}
    kept, _problems = read_values(rules, shared)
    return {key: value for key, value in kept.items() if value is not None}


def settings_by_programme(versions: Iterable[ProgrammeVersion]) -> dict[int, dict[str, Any]]:
    """The newest settings of many programmes in one query."""
    rows = Setting.objects.filter(programme__in=[version.programme_id for version in versions])
    newest = rows.order_by("programme", "key", "-id").distinct("programme", "key")
    found: dict[int, dict[str, Any]] = {}
    for programme, key, value in newest.values_list("programme", "key", "value"):
        if programme is not None:
            found.setdefault(programme, {})[key] = value
    return found


def answer(
    version: ProgrammeVersion,
    *,
    kind: str,
    facts: Mapping[str, Any],
    settings: Mapping[str, Any],
    on: date,
) -> Answer:
    rules = rules_of(version)
    known = dict(facts) | ({"applicant_kind": kind} if kind else {})
    settable = {*rules.parameters, *rules.assumptions}
    in_force = {key: value for key, value in settings.items() if key in settable}
    return Answer(version, rules, assess(rules, on, known, {}, in_force))


def overview(
    versions: Iterable[ProgrammeVersion], *, kind: str, profile: Mapping[str, Any], on: date
) -> list[Answer]:
    """Every programme, the promising ones first; those for other kinds of applicant last."""
    found = list(versions)
    warm(found)
    settings = settings_by_programme(found)
    answers = [
        answer(
            version,
            kind=kind,
            facts=usable(rules_of(version), profile),
            settings=settings.get(version.programme_id, {}),
            on=on,
        )
        for version in found
    ]
    return sorted(answers, key=lambda one: ORDER.index(one.assessment.decision))


def keys_asked(
    rules: Rules, facts: Mapping[str, Any], settings: Mapping[str, Any], on: date
) -> list[str]:
    """The facts to ask here: not the list of payees, on which no condition or sum depends."""
    known = {key: value for key, value in facts.items() if value is not None}
    return [key for key in asked(rules, on, known, settings) if key != rules.roles.members]
