"""Each action of a case with its form, its words and its verb: one door, one verb."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from incentives.policy.programme import Programme as Rules
from reviews.admin import auditing, forms, uploads
from reviews.admin.confirming import ConfirmForm
from reviews.admin.publishing import OneForm
from reviews.domain import (
    acceptance,
    awarding,
    concluded,
    determinations,
    finance,
    interests,
    opinions,
    publicity,
    resolutions,
    undoing,
)
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.task import Position

Words = str | Promise
Run = Callable[[Any, User], object]


@dataclass(frozen=True)
class Door:
    title: Words
    button: Words
    done: Words
    form: type[forms.StepForm]
    run: Run
    weight: str = ""
    help: Words | Callable[[Rules], Words] = ""


def _opinion(form: Any, user: User) -> object:
    return opinions.prepare_opinion(
        case_id=form.case.pk,
        bureau=form.action.bureau,
        position=Position(form.cleaned_data["position"]),
        text=form.cleaned_data["text"],
        papers=uploads.keep(form, "papers", user),
        user=user,
    )


def _propose(form: Any, user: User) -> object:
    return determinations.propose(
        case_id=form.case.pk,
        outcome=Outcome(form.cleaned_data["outcome"]),
        choices=form.chosen(),
        reason=form.cleaned_data["reason"],
        terms=form.cleaned_data.get("terms", ""),
        ends_on=form.cleaned_data.get("ends_on"),
        user=user,
    )


def _confirm(form: Any, user: User) -> object:
    return determinations.confirm_facts(
        case_id=form.case.pk, values=form.values(), notes=form.notes(), user=user
    )


def _approval(rules: Rules) -> Words:
    """What approving brings about, by what the case ends in."""
    if rules.outcome.pays:
        return _("What the caps leave is reserved now.")
    if rules.outcome.published:
        return _("The intended holder is made public next; nothing is paid.")
    return _("The outcome is entered in the register at once and the case is concluded.")


def _with(verb: Callable[..., object], *fields: str) -> Run:
    """A verb that takes the case, the person and some fields as they were typed."""
    return lambda form, user: verb(
        case_id=form.case.pk, user=user, **{name: form.cleaned_data[name] for name in fields}
    )


def _return(form: Any, user: User) -> object:
    return acceptance.return_case(
        case_id=form.case.pk,
        reason=form.cleaned_data["reason"],
        defects=form.defects(),
        user=user,
    )


def _resolve(form: Any, user: User) -> object:
    given = form.cleaned_data
    opinion = next(
        (one for one in resolutions.unresolved(form.case) if one.task.bureau == form.action.bureau),
        None,
    )
    kept = uploads.keep(form, "document", user)
    return resolutions.resolve(
        case_id=form.case.pk,
        opinion_id=opinion.pk if opinion else 0,
        kind=ResolutionKind(given["kind"]),
        text=given["text"],
        held_on=given["held_on"],
        present=given["present"],
        document=kept[0] if kept else None,
        user=user,
    )


DOORS: dict[str, Door] = {
    "declare": Door(
        title=_("Declaration of interest"),
        button=_("Declare"),
        done=_("Your declaration is kept with the case."),
        form=forms.DeclareForm,
        run=_with(interests.declare, "conflict", "reason"),
    ),
    "resolve": Door(
        title=_("Answer the objection or question"),
        button=_("Record the answer"),
        done=_("The answer is kept with the opinion."),
        form=forms.ResolveForm,
        run=_resolve,
    ),
    "ask_part": Door(
        title=_("Ask another bureau or a district"),
        button=_("Ask"),
        done=_("The question is with that bureau; your opinion waits for its answer."),
        form=forms.AskPartForm,
        run=lambda form, user: opinions.ask_part(
            case_id=form.case.pk,
            bureau=form.action.bureau,
            of=form.cleaned_data["of"],
            question=form.cleaned_data["question"],
            user=user,
        ),
        weight="secondary",
    ),
    "hand_back_to": Door(
        title=_("Hand the case back"),
        button=_("Hand back"),
        done=_("The case is handed back."),
        help=_("What was reserved is released, and the determination is void."),
        form=forms.HandBackToForm,
        run=lambda form, user: undoing.hand_back(
            case_id=form.case.pk,
            to=CaseState(form.cleaned_data["to"]),
            reason=form.cleaned_data["reason"],
            user=user,
        ),
        weight="danger",
    ),
    "accept": Door(
        title=_("Accept the case"),
        button=_("Accept"),
        done=_("The case is accepted; the other bureaus have been asked."),
        form=forms.PlainForm,
        run=_with(acceptance.accept),
    ),
    "return_case": Door(
        title=_("Return for supplement"),
        button=_("Return with these defects"),
        done=_("The case is back with the applicant."),
        form=forms.DefectsForm,
        run=_return,
        weight="secondary",
    ),
    "decline": Door(
        title=_("Do not accept"),
        button=_("Do not accept"),
        done=_("The case is closed as not accepted."),
        form=forms.DeclineForm,
        run=_with(acceptance.decline, "reason"),
        weight="danger",
    ),
    "prepare_opinion": Door(
        title=_("Prepare the opinion"),
        button=_("Submit for approval"),
        done=_("The opinion waits for its approver."),
        form=forms.OpinionForm,
        run=_opinion,
    ),
    "approve_opinion": Door(
        title=_("Give the opinion"),
        button=_("Approve the opinion"),
        done=_("The opinion is given."),
        form=forms.PlainForm,
        run=lambda form, user: opinions.approve_opinion(
            case_id=form.case.pk, bureau=form.action.bureau, user=user
        ),
    ),
    "commission_audit": Door(
        title=_("Commission the third-party audit"),
        button=_("Commission"),
        done=_("The commission is kept with the case; its day is the deadline of the audit."),
        form=auditing.CommissionForm,
        run=auditing.commission,
    ),
    "record_audit": Door(
        title=_("Record the audit report"),
        button=_("Record the report and ask the bureaus"),
        done=_("The report is recorded; the other bureaus have been asked."),
        form=auditing.ReportForm,
        run=auditing.receive,
    ),
    "confirm_facts": Door(
        title=_("Confirm the facts"),
        button=_("Record what I confirm"),
        done=_("The facts are confirmed."),
        form=ConfirmForm,
        run=_confirm,
    ),
    "propose": Door(
        title=_("Propose the determination"),
        button=_("Propose"),
        done=_("The determination waits for its approver."),
        form=forms.ProposeForm,
        run=_propose,
    ),
    "approve": Door(
        title=_("Approve the determination"),
        button=_("Approve"),
        done=_("The determination is approved."),
        help=_approval,
        form=forms.PlainForm,
        run=_with(determinations.approve),
    ),
    "send_back": Door(
        title=_("Send the proposal back"),
        button=_("Send back"),
        done=_("The proposal is back with its preparer."),
        form=forms.ChangesForm,
        run=_with(determinations.send_back, "reason"),
        weight="secondary",
    ),
    "check": Door(
        title=_("Finance check"),
        button=_("The check is passed"),
        done=_("The case is checked and may be published."),
        form=forms.CheckForm,
        run=_with(finance.check, "note"),
    ),
    "hand_back": Door(
        title=_("Hand back to the handling bureau"),
        button=_("Hand back"),
        done=_("The reservation is released and the case is with the handling bureau."),
        form=forms.HandBackForm,
        run=_with(finance.hand_back, "reason"),
        weight="danger",
    ),
    "publish": Door(
        title=_("Publish this case"),
        button=_("Publish"),
        done=_("The case is published."),
        help=_("To publish several cases on one notice, choose them in the list."),
        form=OneForm,
        run=lambda form, user: publicity.publish(
            case_ids=[form.case.pk], reason=form.cleaned_data.get("reason", ""), user=user
        ),
    ),
    "award": Door(
        title=_("Award"),
        button=_("Award"),
        done=_("The award is decided and its payment falls due."),
        form=forms.AwardForm,
        run=_with(awarding.award, "reason"),
    ),
    "conclude": Door(
        title=_("Conclude the case"),
        button=_("Enter in the register"),
        done=_("The outcome is entered in the register and the case is concluded."),
        form=forms.ConcludeForm,
        run=_with(concluded.conclude, "reason"),
    ),
}
