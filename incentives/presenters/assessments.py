"""An assessment in a reader's words: the decision, each reason with what it saw, sums and gaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.policy.programme import Programme as Rules
from incentives.policy.result import Assessment, CapLine, Reason
from incentives.presenters.caps import counted
from incentives.presenters.words import payer_words, percent, value_of

TAGS = {
    "eligible": "ok",
    "needs_choice": "ok",
    "ineligible": "bad",
    "needs_facts": "warn",
    "needs_setting": "quiet",
    "pending_round": "quiet",
}


def decision_words(decision: str) -> str:
    return {
        "eligible": _("The conditions are met"),
        "needs_choice": _("The conditions are met; the reviewers decide the sum"),
        "ineligible": _("Does not qualify"),
        "needs_facts": _("More facts are needed"),
        "needs_setting": _("Waiting for the implementing rules"),
        "pending_round": _("Decided in a round with other applications"),
    }[decision]


@dataclass(frozen=True)
class ReasonTold:
    """`answer` is yes, no or unknown; `seen` the facts it looked at, with their values."""

    answer: str
    says: str
    seen: tuple[tuple[str, str], ...]

    @property
    def tag(self) -> str:
        return {"yes": "ok", "no": "bad", "unknown": "warn"}[self.answer]

    @property
    def words(self) -> str:
        return {"yes": _("Met"), "no": _("Not met"), "unknown": _("Not known yet")}[self.answer]


@dataclass(frozen=True)
class StepTold:
    says: str
    sum: str


@dataclass(frozen=True)
class CapTold:
    says: str
    counted: str
    limit: str
    printed: bool
    cuts: str


@dataclass(frozen=True)
class AssessmentTold:
    decision: str
    words: str
    tag: str
    sum: str
    reasons: tuple[ReasonTold, ...]
    steps: tuple[StepTold, ...]
    caps: tuple[CapTold, ...]
    missing: tuple[tuple[str, str], ...]
    unset: tuple[str, ...]
    choices: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def why(self) -> str:
        """The one sentence that stands beside the decision in a list."""
        failed = [reason.says for reason in self.reasons if reason.answer == "no"]
        if failed:
            return "; ".join(failed)
        if self.decision == "needs_setting":
            return _("Not decided yet: %s") % "; ".join(self.unset)
        if self.missing:
            return _("Still to be filled in: %s") % "; ".join(label for _key, label in self.missing)
        return self.sum


def _sum(rules: Rules, result: Assessment) -> str:
    """The sum, or a figure that is worked out and not paid."""
    found = sum_words(result.amount, result.minimum, result.maximum)
    if rules.outcome.pays or not found:
        return found
    return _("%(sum)s (figure, not paid by the city)") % {"sum": found}


def tell_assessment(rules: Rules, result: Assessment) -> AssessmentTold:
    return AssessmentTold(
        decision=result.decision,
        words=decision_words(result.decision),
        tag=TAGS[result.decision],
        sum=_sum(rules, result),
        reasons=tuple(tell_reason(rules, reason) for reason in result.reasons),
        steps=tuple(tell_steps(rules, result)),
        caps=tuple(tell_cap(rules, cap) for cap in result.caps),
        missing=tuple((key, label_of(rules, key)) for key in result.missing),
        unset=tuple(setting_name(rules, name) for name in result.unset),
        choices=tuple(choice_words(choice) for choice in result.choices),
        warnings=tuple(pick(warning) for warning in result.warnings),
    )


def tell_steps(rules: Rules, result: Assessment) -> Iterable[StepTold]:
    """How the sum is made: the values derived first, then each step, then how it is paid."""
    for line in result.derived:
        if line.value is not None:
            value = value_of(rules.scope[line.name], line.value)
            yield StepTold(f"{label_of(rules, line.name)}: {pick(line.text)}", value)
    for step in result.steps:
        yield StepTold(pick(step.text), sum_words(None, step.minimum, step.maximum))
    if result.recover:
        yield StepTold(recover_words(result.recover), yuan(result.recover))
    for part in result.schedule:
        says = _("%(instalment)s: %(sum)s, due: %(when)s") % {
            "instalment": pick(part.label),
            "sum": yuan(part.amount),
            "when": pick(part.due),
        }
        yield StepTold(says, yuan(part.amount))
    for payer, part_paid in result.payers.items():
        says = _("%(payer)s pays %(sum)s") % {"payer": payer_words(payer), "sum": yuan(part_paid)}
        yield StepTold(says, yuan(part_paid))


def recover_words(sum_: Decimal) -> str:
    return _("%(sum)s was advanced too much and is to be recovered") % {"sum": yuan(sum_)}


def sum_words(amount: Any, minimum: Any, maximum: Any) -> str:
    """One sum, or from one to another; empty where nothing is known."""
    if amount is None and minimum is None:
        return ""
    if amount is not None or minimum == maximum:
        return yuan(minimum if amount is None else amount)
    return _("%(low)s to %(high)s") % {"low": yuan(minimum), "high": yuan(maximum)}


def tell_reason(rules: Rules, reason: Reason) -> ReasonTold:
    answer = {True: "yes", False: "no", None: "unknown"}[reason.holds]
    return ReasonTold(answer, pick(reason.text), tuple(seen_words(rules, reason.seen)))


def seen_words(rules: Rules, seen: Mapping[str, str | None]) -> Iterable[tuple[str, str]]:
    for key, value in seen.items():
        fact = rules.scope.get(key)
        if fact is not None:
            yield pick(fact.label), value_of(fact, value)


def tell_cap(rules: Rules, cap: CapLine) -> CapTold:
    return CapTold(
        says=pick(cap.label),
        counted=counted(rules, cap.per, cap.period, cap.year_of),
        limit=limit_words(cap.limit, cap.unit),
        printed=cap.printed,
        cuts=yuan(cap.cuts) if cap.cuts else "",
    )


def limit_words(limit: Any, unit: str) -> str:
    if limit is None:
        return _("not known yet")
    if unit == "awards":
        return _("%(count)s awards") % {"count": int(limit)}
    if unit == "rows":
        return _("%(count)s rows") % {"count": int(limit)}
    return yuan(limit)


def choice_words(choice: Any) -> str:
    write = percent if choice.kind == "rate" else yuan
    return _("The reviewers choose from %(low)s to %(high)s.") % {
        "low": write(choice.minimum),
        "high": write(choice.maximum),
    }


def label_of(rules: Rules, key: str) -> str:
    fact = rules.scope.get(key)
    return pick(fact.label) if fact else key


def setting_name(rules: Rules, name: str) -> str:
    parameter = rules.parameters.get(name)
    if parameter:
        return pick(parameter.label)
    assumption = rules.assumptions.get(name)
    return pick(assumption.question) if assumption else name
