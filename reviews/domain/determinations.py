"""The determination (审定): facts confirmed, proposed by one person, approved by another."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.domain import budgets
from incentives.domain import facts as fact_values
from incentives.domain.language import chosen
from incentives.policy.rendering import dumps, render
from incentives.policy.result import Assessment
from incentives.policy.text import InputError
from reviews.domain import (
    agreement,
    commitments,
    concluding,
    exceeding,
    reserving,
    rounds,
    working_days,
)
from reviews.domain.assessing import (
    assess_case,
    effective_facts,
    history_of,
    rules,
    settings_in_force,
)
from reviews.domain.cases import locked, move, note
from reviews.domain.interests import entitled
from reviews.domain.taking_effect import reserves, take_effect
from reviews.models import Application, CaseFact, Determination, Signature
from reviews.models.determination import DeterminationState, Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState


@transaction.atomic
def confirm_facts(
    *, case_id: int, values: dict[str, Any], user: User, notes: dict[str, str] | None = None
) -> None:
    """Record what the reviewer saw in the evidence, beside what was declared.

    Raises Refused with the problem of every value that cannot be read; nothing is kept then.
    """
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    read, problems = fact_values.read_values(rules(case), values)
    if problems:
        raise Refused(problems)
    now = timezone.now()
    for key, value in read.items():
        CaseFact.objects.update_or_create(
            application=case,
            key=key,
            defaults={
                "confirmed": value,
                "confirmed_by": user,
                "confirmed_at": now,
                "note": (notes or {}).get(key, ""),
            },
        )
    note(case, actor=user, event="case.facts_confirmed", data={"facts": sorted(read)})


@transaction.atomic
def propose(
    *,
    case_id: int,
    outcome: Outcome,
    choices: dict[str, str],
    reason: str,
    user: User,
    terms: str = "",
    ends_on: date | None = None,
) -> Determination:
    """Propose to grant within the printed bounds, or to refuse; always with a reason.

    Needs every opinion given and every fact confirmed. A figure outside its bounds is refused with
    the bounds. Where nothing is paid `terms` say what is given, `ends_on` to which day it stands.
    """
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    _require_ready(case, reason)
    rounds.require_place(case, outcome)
    settings = settings_in_force(case)
    facts = effective_facts(case)
    history = history_of(case, facts, settings)
    result = assess_or_refuse(
        case, facts=facts, choices=choices, settings=settings, history=history
    )
    assessed = rounds.amount_of(case, result) if outcome == Outcome.AWARD else Decimal(0)
    if outcome == Outcome.AWARD:
        _require_awardable(result, pays=rules(case).outcome.pays)
        concluding.require_terms(case, terms, ends_on)
    number = case.determinations.aggregate(last=Max("number"))["last"] or 0
    determination = Determination.objects.create(
        application=case,
        number=number + 1,
        outcome=outcome,
        reason=reason.strip(),
        facts=facts,
        choices=choices,
        readings=settings,
        history=history,
        digest=case.version.digest,
        assessment=dumps(render(result)),
        assessed=assessed,
        signatures_needed=_signatures_needed(case, assessed),
        terms=terms.strip(),
        ends_on=ends_on,
        proposed_by=user,
        proposed_at=timezone.now(),
    )
    move(
        case,
        CaseState.PROPOSED,
        actor=user,
        event="determination.proposed",
        reason=reason,
        due_on=case.due_on,
        data={"outcome": outcome, "assessed": str(determination.assessed)} | agreement.told(case),
    )
    return determination


def _require_ready(case: Application, reason: str) -> None:
    if not reason.strip():
        raise Refused({"reason": _("State the reason for the determination.")})
    waiting = case.tasks.filter(kind=TaskKind.OPINION, state=TaskState.OPEN)
    names = "、".join(str(task.bureau) for task in waiting.select_related("bureau"))
    if names:
        raise Conflict(_("Opinions are still to be given by: %s.") % names)
    if first := agreement.awaited(case):
        raise Conflict(first)
    agreement.require_agreement(case)
    commitments.require_kept(case)
    unconfirmed = case.facts.filter(confirmed__isnull=True, declared__isnull=False)
    labels = "、".join(chosen(rules(case).facts[fact.key].label) for fact in unconfirmed)
    if labels:
        raise Refused({"facts": _("Confirm these facts first: %s.") % labels})


def assess_or_refuse(case: Application, **on: Any) -> Assessment:
    try:
        return assess_case(case, **on)
    except InputError as error:
        raise Refused(
            {
                problem.field.removeprefix("choices."): _("%(problem)s: %(expected)s.")
                % {"problem": chosen(problem.problem), "expected": chosen(problem.expected)}
                for problem in error.problems
            }
        ) from error


def _require_awardable(result: Assessment, *, pays: bool) -> None:
    if result.decision == "pending_round":
        return  # its round is settled and gives it something, see rounds.require_place
    if result.decision == "eligible" and (result.amount or not pays):
        return
    if result.decision == "eligible":
        raise Refused({"outcome": _("This comes to 0 yuan; propose to refuse, and say why.")})
    if result.decision == "needs_choice":
        bounds = ", ".join(
            f"{choice.name}: {choice.minimum}–{choice.maximum}" for choice in result.choices
        )
        raise Refused({"choices": _("Choose within the bounds: %s.") % bounds})
    raise Refused(
        {"outcome": _("By the confirmed facts this cannot be granted; propose to refuse.")}
    )


@transaction.atomic
def send_back(*, case_id: int, reason: str, user: User) -> Application:
    """The approver does not agree: the case goes back to the preparer."""
    case = locked(case_id, CaseState.PROPOSED)
    entitled(case, user, Role.APPROVER, Role.LEADER, bureau=case.handling_bureau)
    if not reason.strip():
        raise Refused({"reason": _("State what is to be changed.")})
    determination = _proposed(case)
    determination.state = DeterminationState.SENT_BACK
    determination.save(update_fields=["state"])
    exceeding.lapse(case)
    move(
        case,
        CaseState.ACCEPTED,
        actor=user,
        event="determination.sent_back",
        reason=reason,
        due_on=case.due_on,
    )
    return case


@transaction.atomic
def approve(*, case_id: int, user: User, determination_id: int | None = None) -> Determination:
    """Sign a proposal; the last signature reserves what the caps leave, or ends the case.

    The first signature is an approver's, every further one a leader's; each by another person.
    `determination_id` is the proposal that the person saw: raises Conflict where it is another now.
    """
    case, now = locked(case_id, CaseState.PROPOSED), timezone.now()
    determination = _proposed(case)
    require_same(determination, determination_id)
    if not signed_to_take_effect(case, determination, user=user, at=now):
        return determination
    if reserves(case, determination):
        reserving.reserve(case, determination, actor=user, at=now)
    take_effect([(case, determination)], user=user, at=now)
    return determination


def require_same(determination: Determination, seen: int | None) -> None:
    if seen not in (None, determination.pk):
        raise Conflict(_("It has been proposed anew since; look at it again."))


def signed_to_take_effect(
    case: Application, determination: Determination, *, user: User, at: datetime
) -> bool:
    """Write the next signature; whether it was the last, and no budget is waited for."""
    if not _sign(case, determination, user):
        return False
    if reserves(case, determination) and waits(case, at):
        note(case, actor=user, event="determination.waits")
        return False
    return True


def waits(case: Application, at: datetime) -> bool:
    """Whether an award of the case waits, signed, until a budget is shared out over all of them."""
    return budgets.given_pro_rata(case.programme, working_days.day_of(at).year).exists()


def waiting(case: Application) -> bool:
    """Whether its award is signed in full and waits until a budget is shared out."""
    living = case.determinations.filter(state=DeterminationState.PROPOSED, outcome=Outcome.AWARD)
    signed = living.annotate(signed=Count("signatures")).filter(signed__gte=F("signatures_needed"))
    return signed.exists() and waits(case, timezone.now())


def _sign(case: Application, determination: Determination, user: User) -> bool:
    """Write the next signature; whether it was the last that is needed."""
    signed = list(determination.signatures.values_list("signed_by", flat=True))
    if len(signed) >= determination.signatures_needed:
        return _signed_before(case, determination, user)
    role = Role.LEADER if signed else Role.APPROVER
    entitled(case, user, role, bureau=case.handling_bureau)
    if determination.proposed_by_id == user.pk:
        raise NotAllowed(_("A determination is approved by someone who did not propose it."))
    if user.pk in signed:
        raise NotAllowed(_("You have signed this determination already."))
    level = len(signed) + 1
    Signature.objects.create(determination=determination, level=level, signed_by=user)
    if level < determination.signatures_needed:
        data = {"signature": level, "of": determination.signatures_needed}
        note(case, actor=user, event="determination.signed", data=data)
    return level >= determination.signatures_needed


def _signed_before(case: Application, determination: Determination, user: User) -> bool:
    """It waited for a budget to be shared out; it goes on alone once none is shared any more."""
    if waits(case, timezone.now()):
        raise Conflict(_("It is signed, and waits until its budget is shared out."))
    entitled(case, user, Role.APPROVER, Role.LEADER, bureau=case.handling_bureau)
    if determination.proposed_by_id == user.pk:
        raise NotAllowed(_("A determination is approved by someone who did not propose it."))
    return True


def _signatures_needed(case: Application, assessed: Decimal) -> int:
    """One, and one more for each threshold that the sum reaches, as they stood at filing."""
    return 1 + sum(assessed >= Decimal(threshold) for threshold in case.thresholds)


def _proposed(case: Application) -> Determination:
    return case.determinations.select_for_update().get(state=DeterminationState.PROPOSED)
