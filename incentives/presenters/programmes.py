"""A programme for its readers: the card in the list, and everything that stands on its page."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applicants.models.party import PartyKind
from applicants.templatetags.huiqi import pick, yuan
from incentives.domain.listing import together_with
from incentives.domain.papers import same_papers
from incentives.domain.programmes import rules_of, settings_of
from incentives.domain.readings import reading_words
from incentives.domain.settings import setting
from incentives.models import Bureau, Programme, ProgrammeVersion
from incentives.policy.assessment import assess
from incentives.policy.nodes import ByTable, NodeBase
from incentives.policy.overrides import Settings, read_settings
from incentives.policy.programme import Programme as Rules
from incentives.policy.workflow import read_choice
from incentives.presenters import outcomes
from incentives.presenters.amounts import tell_amount
from incentives.presenters.assessments import limit_words
from incentives.presenters.caps import counted
from incentives.presenters.examples import ExampleTold, tell_example
from incentives.presenters.highest import highest
from incentives.presenters.telling import Sight, Told, bound, in_line, tell
from incentives.presenters.terms import tell_terms
from incentives.presenters.words import payer_words, percent


def kinds(rules: Rules) -> list[str]:
    return [str(PartyKind(kind).label) for kind in rules.roles.applicant]


@dataclass(frozen=True)
class Card:
    """One programme in the list; `most` is empty where no figure bounds the sum."""

    version: ProgrammeVersion
    rules: Rules

    @property
    def programme(self) -> Programme:
        return self.version.programme

    @property
    def summary(self) -> str:
        return pick(self.rules.summary)

    @cached_property
    def most(self) -> str:
        """Empty also where a figure is not paid."""
        pays = self.rules.outcome.pays
        found = highest(self.rules, read_settings(self.rules, {})) if pays else None
        return "" if found is None else yuan(found)

    @property
    def ends_in(self) -> str:
        return outcomes.kind_words(self.rules)

    @property
    def conferred(self) -> str:
        return outcomes.conferred(self.rules)

    @property
    def kinds(self) -> list[str]:
        return kinds(self.rules)


@dataclass(frozen=True)
class Paper:
    fact: str
    papers: tuple[str, ...]


@dataclass(frozen=True)
class Ceiling:
    label: str
    limit: str
    counted: str
    printed: bool


@dataclass(frozen=True)
class AssumptionTold:
    question: str
    reading: str
    because: str
    changed: bool


class Page:
    """What a programme promises, under the settings in force. Costs a fixed number of queries."""

    def __init__(self, version: ProgrammeVersion) -> None:
        self.version = version
        self.programme = version.programme
        self.rules = rules_of(version)
        self.changed = settings_of(self.programme)
        self.settings: Settings = read_settings(self.rules, self.changed)

    @property
    def kinds(self) -> list[str]:
        return kinds(self.rules)

    @property
    def ending(self) -> dict[str, str]:
        """What it ends in, what is conferred, the type of case and the validity."""
        return {
            "kind": outcomes.kind_words(self.rules),
            "says": outcomes.ends_in(self.rules),
            "conferred": outcomes.conferred(self.rules),
            "case_type": outcomes.case_type_words(self.rules),
            "validity": outcomes.validity(self.rules),
        }

    @cached_property
    def decided(self) -> list[outcomes.Decided]:
        return outcomes.decided(self.programme, self.rules, self.changed)

    @property
    def amount(self) -> tuple[Told, ...]:
        return tell_amount(self.rules, self.settings)

    @property
    def terms(self) -> tuple[Told, ...]:
        """What the parts are worked out from, how the sum is paid, and what a round decides."""
        return tell_terms(self.rules, self.settings)

    @property
    def most(self) -> str:
        found = highest(self.rules, self.settings)
        return "" if found is None else yuan(found)

    @property
    def conditions(self) -> list[str]:
        """Each condition as a sentence, before anything is known of an applicant."""
        found = assess(self.rules, localdate(), {}, {}, self.changed)
        return [pick(reason.text) for reason in found.reasons]

    @property
    def payee(self) -> str:
        return {
            "applicant": _("The applicant"),
            "members": _("The members of the team, by their shares"),
            "district": _("The district"),
        }[self.rules.roles.payee]

    @property
    def payer(self) -> str:
        shares = [f"{payer_words(part.payer)} {percent(part.share)}" for part in self.rules.payers]
        return ", ".join(shares) or payer_words(self.rules.roles.payer)

    @cached_property
    def bureaus(self) -> list[tuple[Bureau, bool]]:
        """In printed order, the handling bureau marked; it comes last where it is not printed."""
        handling = self.programme.handling_bureau
        codes = list(self.rules.bureaus.printed)
        found = Bureau.objects.filter(city=self.programme.city_id, code__in=codes)
        by_code = {bureau.code: bureau for bureau in found}
        printed = [by_code[code] for code in codes if code in by_code]
        rest = [] if handling in printed else [handling]
        return [(bureau, bureau == handling) for bureau in [*printed, *rest]]

    @property
    def papers(self) -> list[Paper]:
        """What to bring, and for which facts: papers that several facts ask for stand once."""
        facts = self.rules.facts
        groups = dict.fromkeys(same_papers(self.rules).values())
        return [
            Paper(
                "、".join(pick(facts[key].label) for key in keys),
                tuple(pick(paper) for paper in facts[keys[0]].evidence),
            )
            for keys in groups
            if facts[keys[0]].evidence
        ]

    @property
    def ceilings(self) -> list[Ceiling]:
        return [self._ceiling(cap) for cap in self.rules.caps]

    def _ceiling(self, cap: Any) -> Ceiling:
        value, sight = self.settings.value, Sight(self.rules, self.settings, self.rules.scope)
        resolve = lambda found: value(found) if hasattr(found, "type") else found  # noqa: E731
        if isinstance(cap.limit, ByTable):
            limit = bound(cap.limit, sight)
        elif isinstance(cap.limit, NodeBase):
            limit = in_line(tell(cap.limit, sight))
        else:
            limit = limit_words(resolve(cap.limit), cap.unit)
        whom = counted(self.rules, resolve(cap.per), resolve(cap.period), resolve(cap.year_of))
        return Ceiling(pick(cap.label), limit, whom, cap.printed)

    @property
    def assumptions(self) -> list[AssumptionTold]:
        return [
            AssumptionTold(
                pick(found.question),
                self._reading(name),
                pick(found.because),
                name in self.changed and self.settings.readings[name] != found.reading,
            )
            for name, found in self.rules.assumptions.items()
        ]

    def _reading(self, name: str) -> str:
        taken, city = self.settings.readings[name], self.programme.city
        return pick(reading_words(city=city, rules=self.rules, name=name, reading=taken))

    @property
    def undecided(self) -> list[tuple[str, str]]:
        """Parameters that no document prints and the city has not decided: label and help."""
        return [
            (pick(parameter.label), pick(parameter.help))
            for name, parameter in self.rules.parameters.items()
            if self.settings.parameters[name] is None
        ]

    @property
    def examples(self) -> list[ExampleTold]:
        return [tell_example(self.rules, example) for example in self.rules.examples]

    @cached_property
    def groups(self) -> list[tuple[str, list[Programme]]]:
        """What is said of each same-event group, and the other programmes in it."""
        return [
            (
                _event_rule(str(self._rule(event.rule))),
                list(together_with(self.rules.code, event.group)),
            )
            for event in self.rules.same_event
        ]

    def _rule(self, rule: Any) -> Any:
        return self.settings.value(rule) if hasattr(rule, "type") else rule

    @cached_property
    def deadlines(self) -> list[tuple[str, Any]]:
        """Working days of each step, as the city has set them."""
        steps = {
            "acceptance_days": _("Acceptance"),
            "opinion_days": _("Opinions of the other bureaus"),
            "determination_days": _("Determination"),
        }
        outcome = self.rules.outcome
        if outcome.pays:
            steps["finance_check_days"] = _("Finance check")
        if outcome.published:
            steps["publicity_days"] = _("Publicity")
            steps["award_days"] = _("Award") if outcome.kind == "award" else _("Conclusion")
        return [(words, self._setting(key)) for key, words in steps.items()]

    def _setting(self, key: str) -> Any:
        return setting(city=self.programme.city, key=key, programme=self.programme)

    @cached_property
    def in_rounds(self) -> bool:
        """Whether it is taken in rounds, by its file or because the city has chosen so."""
        own = read_choice(self._setting("workflow") or {})
        chosen = own.preset or (self.rules.workflow and self.rules.workflow.preset)
        return self.rules.round is not None or chosen == "competitive"

    @cached_property
    def window(self) -> tuple[str, str]:
        opens, closes = self._setting("window_opens"), self._setting("window_closes")
        return (opens or "", closes or "")


def _event_rule(rule: str) -> str:
    return {
        "highest": _(
            "The same event is rewarded once, at the highest sum: together never more than that."
        ),
        "once": _("The same event is rewarded only once."),
        "warn": _("Both may be had; the reviewers are told that the event is the same."),
    }[rule]
