"""What the page of a case shows: everything read once, and the forms of what may be done now."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from applicants.models import User
from applicants.templatetags.huiqi import pick
from incentives.domain.readings import reading_words
from incentives.policy.rendering import render
from incentives.policy.text import InputError
from incentives.presenters.words import value_of
from reviews.admin.access import person
from reviews.admin.deskparts import parts
from reviews.admin.doors import DOORS, Door
from reviews.admin.forms import ProposeForm, StepForm
from reviews.domain import (
    advances,
    agreement,
    audits,
    dossier,
    exceeding,
    interests,
    lights,
    staging,
    workflows,
    working_days,
)
from reviews.domain.actions import Action, available, opinions_awaited, unconfirmed_facts
from reviews.domain.assessing import assess_case, rules
from reviews.domain.event_words import told
from reviews.domain.objections import objections_for
from reviews.domain.reconsiderations import reconsiderations_for
from reviews.models import (
    Application,
    AuditReport,
    Defect,
    Objection,
    Reconsideration,
    ReviewTask,
)
from reviews.models.publicity import PublicityItem
from reviews.models.supplement import DefectKind
from reviews.models.task import TaskState
from reviews.presenters.audits import beside_declared
from reviews.presenters.outcomes import conferred, entry_of, intended
from reviews.presenters.round_place import place_of
from reviews.presenters.workflows import shown

TEMPLATE = "admin/reviews/application/case.html"
UNDECLARED = "admin/reviews/application/undeclared.html"


Answerable = tuple[Objection | Reconsideration, lights.Light | None]


@dataclass(frozen=True)
class Offer:
    """An action that this person may do now, with its form."""

    action: Action
    door: Door
    form: StepForm

    @property
    def help(self) -> str:
        said = self.door.help
        return str(said(rules(self.form.case)) if callable(said) else said)


def form_for(
    case: Application, action: Action, data: QueryDict | None = None, files: Any = None
) -> StepForm:
    door = DOORS[action.name]
    more: dict[str, Any] = {"case": case, "action": action}
    if door.form is ProposeForm:
        more |= {"open_choices": _open_choices(case), "labels": _choice_labels(case)}
        more["ending"] = rules(case).outcome
    return door.form(data, files, **more)


def _open_choices(case: Application) -> list[dict[str, str]]:
    return list(render(assess_case(case))["choices"])


def _choice_labels(case: Application) -> dict[str, str]:
    """The label that the programme gives the component in which a choice is made."""
    return {
        node.choose: pick(node.label)
        for node in rules(case).amount
        if hasattr(node, "choose") and node.label
    }


def offers(case: Application, user: User, failed: StepForm | None = None) -> list[Offer]:
    """A form for each action; the one that failed comes back as it was typed."""
    return [
        Offer(action, DOORS[action.name], failed)
        if failed and failed.action == action
        else Offer(action, DOORS[action.name], form_for(case, action))
        for action in available(case, user)
    ]


def page(
    request: HttpRequest, case: Application, failed: StepForm | None = None, **more: Any
) -> HttpResponse:
    if not interests.opens_to(case, person(request)):
        return _closed(request, case, failed)
    interests.log_reading(case, person(request), "desk")
    context = admin.site.each_context(request) | _context(case, request.user, failed) | more
    status = 422 if failed is not None and failed.errors else 200
    return TemplateResponse(request, TEMPLATE, context, status=status)


def _closed(request: HttpRequest, case: Application, failed: StepForm | None) -> HttpResponse:
    """Whose case it is, and the declaration that opens it; nothing that the case contains."""
    action = Action("declare")
    form = failed if failed and failed.action == action else form_for(case, action)
    context = admin.site.each_context(request) | {
        "case": case,
        "title": case.number,
        "opts": Application._meta,
        "conflict": interests.has_conflict(case, person(request)),
        "offers": [Offer(action, DOORS["declare"], form)],
    }
    status = 422 if form.is_bound and form.errors else 200
    return TemplateResponse(request, UNDECLARED, context, status=status)


def _reading(case: Application, taken: dict[str, Any]) -> tuple[str, str]:
    written = taken["reading"]
    reading = written if isinstance(written, str) else tuple(written)
    words = reading_words(city=case.city, rules=rules(case), name=taken["name"], reading=reading)
    return pick(taken["question"]), pick(words)


def _context(case: Application, user: Any, failed: StepForm | None) -> dict[str, Any]:
    award = dossier.award_of(case)
    instalments = dossier.instalments_of(award)
    assessment = dossier.assessment_shown(case)
    defects, report = list(case.defects.all()), audits.report_of(case)
    held = workflows.of(case)
    return {
        "case": case,
        "title": case.number,
        "opts": Application._meta,
        "rules": rules(case),
        "light": _light(case),
        "provisional": working_days.is_provisional(case.due_on),
        "tasks": _tasks(case),
        "members": case.payee_shares.select_related("party", "account"),
        "workflow": shown(held, rules(case).outcome, city=case.city_id),
        "commission": audits.commission_of(case),
        "audit_report": report,
        "first": agreement.awaited(case),
        "facts": [_fact(line, report) for line in dossier.fact_lines(case, defects)],
        "other_defects": [one for one in defects if one.kind == DefectKind.OTHER],
        "assessment": assessment,
        "readings": [_reading(case, taken) for taken in assessment["assumptions"]],
        "caps": dossier.caps_left(case),
        "exceeds": exceeding.may_ask(case, user),
        "opinions": dossier.opinion_lines(case, user),
        "place": place_of(case),
        "determinations": case.determinations.select_related(
            "proposed_by", "approved_by", "checked_by"
        ).prefetch_related("signatures__signed_by"),
        "publicity": [(item, intended(case, item.amount)) for item in _publicity(case)],
        "asked": _asked(case, user),
        "conferred": "" if rules(case).outcome.kind == "award" else conferred(rules(case)),
        "entry": entry_of(case),
        "letters": case.letters.select_related("issued_by", "read_by"),
        "award": award,
        "instalments": instalments,
        "findings": (found := staging.found_on(award)),
        "settles": advances.may_prepare(case, award, user),
        "settlements": advances.settlements_of(award),
        "to_find": staging.to_find(case, instalments, found, user),
        "payment": dossier.payment_words(award, instalments) if award else "",
        "history": [(told(event), event) for event in dossier.history(case, user)],
        "offers": offers(case, user, failed),
        "desk": parts(case, user),
        "awaited": opinions_awaited(case),
        "unconfirmed": unconfirmed_facts(case) if case.state == "accepted" else [],
    }


def _light(case: Application) -> lights.Light | None:
    if case.due_on is None:
        return None
    today = working_days.today()
    return lights.light(case.due_on, today=today, soon=lights.soon_from(today))


def _tasks(case: Application) -> list[ReviewTask]:
    return list(case.tasks.filter(state=TaskState.OPEN).select_related("bureau"))


def _publicity(case: Application) -> list[PublicityItem]:
    return list(PublicityItem.objects.filter(application=case).select_related("notice"))


def _asked(case: Application, user: User) -> list[Answerable]:
    """Objections and reconsiderations, for those who answer or audit them."""
    filed = objections_for(user).filter(item__application=case).order_by("id")
    asked = reconsiderations_for(user).filter(application=case).order_by("id")
    rows: list[Objection | Reconsideration] = [*filed, *asked]
    return list(zip(rows, lights.of_open(rows), strict=True))


def _fact(line: dossier.FactLine, report: AuditReport | None) -> dict[str, Any]:
    value = line.value
    audited = beside_declared(line, report)
    return audited | {
        "audited_table": _table(line, audited.get("audited_rows")),
        "line": line,
        "label": pick(line.asked.label),
        "help": pick(line.asked.help),
        "papers": [pick(paper) for paper in line.asked.evidence],
        "declared": value_of(line.asked, value.declared if value else None),
        "declared_table": _table(line, value.declared if value else None),
        "confirmed": value_of(line.asked, value.confirmed) if value and _confirmed(value) else "",
        "confirmed_table": _table(line, value.confirmed if value else None),
        "supplements": [_supplement(line, one) for one in line.defects],
        "differs": value and _confirmed(value) and value.confirmed != value.declared,
    }


def _supplement(line: dossier.FactLine, defect: Defect) -> dict[str, Any]:
    """What a return asked for, and, once answered, what the fact was and what it is since then."""
    compared = defect.kind == DefectKind.FACT and defect.answered_at is not None
    return {
        "defect": defect,
        "changed": compared and defect.before != defect.after,
        "kept": compared and defect.before == defect.after,
        "before": value_of(line.asked, defect.before),
        "before_table": _table(line, defect.before),
        "after": value_of(line.asked, defect.after),
        "after_table": _table(line, defect.after),
    }


def _confirmed(value: Any) -> bool:
    return value is not None and value.confirmed is not None


def _table(line: dossier.FactLine, rows: Any) -> dict[str, Any] | None:
    """The rows of a list fact with their headings; None for other facts."""
    columns = getattr(line.asked, "columns", None)
    if columns is None or not rows:
        return None
    return {
        "heads": [pick(column.label) for column in columns.values()],
        "rows": [
            [value_of(column, row.get(key)) for key, column in columns.items()] for row in rows
        ],
    }


def preview(case: Application, form: ProposeForm) -> dict[str, Any] | None:
    """The assessment with the choices as typed, or None with what is wrong put on the form."""
    try:
        return render(assess_case(case, choices=form.chosen()))
    except InputError as error:
        for problem in error.problems:
            name = form.field_of(problem.field.removeprefix("choices."))
            form.add_error(name, f"{pick(problem.problem)}; {pick(problem.expected)}")
        return None
