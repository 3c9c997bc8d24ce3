"""Settlements of advances: audited figures entered at the handling bureau, approved by another."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import Conflict
from applicants.models import User
from applicants.templatetags.huiqi import pick
from incentives.models import Settlement
from incentives.models.award import SettlementState
from incentives.presenters.words import value_of
from reviews.admin.access import RoleAdmin, person
from reviews.admin.confirming import read_rows, value_field
from reviews.admin.money_pages import WATCHING, render, sum_of
from reviews.admin.paging import KeysetList
from reviews.admin.steps import Doing, Step, day_field, opened, taken
from reviews.domain import advances, interests
from reviews.domain.assessing import rules
from reviews.domain.dossier import FactLine, fact_lines
from reviews.domain.queries import cases_for_staff
from reviews.models import Application
from reviews.models.staff import Role

PAGE = "admin:incentives_settlement_change"
STEPS = {
    "approve": Doing((Role.APPROVER,), _("Approve the settlement"), advances.approve),
    "drop": Doing(
        (Role.PREPARER, Role.APPROVER), _("Drop the settlement"), advances.drop, danger=True
    ),
}


class CaseForm(Step):
    """Of which case; a number that the person cannot see is none."""

    case = forms.CharField(label=_("Case number"), max_length=40)

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.user = user

    def clean_case(self) -> Application:
        number = self.cleaned_data["case"].strip()
        case = cases_for_staff(self.user).filter(number=number).first()
        if case is None:
            raise ValidationError(_("There is no case with this number."))
        return case


class SettleForm(Step):
    """A field for the audited value of each fact, with what was determined beside it."""

    due_on = day_field(_("More is due on, or to be back by"))
    reason = forms.CharField(
        label=_("Audit report, with its number"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads this text."),
        error_messages={"required": _("State which audit the figures are from.")},
    )

    def __init__(self, *args: Any, lines: list[FactLine], **more: Any) -> None:
        super().__init__(*args, **more)
        self.lines = lines
        for line in lines:
            field = value_field(line.asked, str(_("Audited: %s") % pick(line.asked.label)))
            held = line.value and (line.value.confirmed or line.value.declared)
            field.help_text = _("Determined: %s. Empty stays as it is.") % value_of(
                line.asked, held
            )
            self.fields[f"fact_{line.key}"] = field
        self.order_fields([f"fact_{line.key}" for line in lines])

    def take(self, refused: ValidationError | PermissionDenied) -> None:
        """A fact's refusal stands beside its own field."""
        if not hasattr(refused, "error_dict"):
            super().take(refused)
            return
        for name, said in refused.message_dict.items():  # type: ignore[union-attr]
            own = [field for field in (name, f"fact_{name}") if field in self.fields]
            self.add_error(own[0] if own else None, said)

    def figures(self) -> dict[str, Any]:
        typed = {line.key: self.cleaned_data[f"fact_{line.key}"] for line in self.lines}
        return {
            line.key: read_rows(line.asked, typed[line.key])
            for line in self.lines
            if typed[line.key]
        }


@admin.register(Settlement)
class SettlementAdmin(RoleAdmin):
    seen_by = (*WATCHING, Role.PREPARER, Role.APPROVER, Role.LEADER)
    added_by = (Role.PREPARER,)
    list_display = (
        "case",
        sum_of("awarded", _("awarded before in yuan")),
        sum_of("entitled", _("entitled in yuan")),
        sum_of("granted", _("granted more in yuan")),
        "recovery", "prepared_by", "state",
    )  # fmt: skip
    list_filter = ("state",)
    search_fields = ("award__case_number",)
    change_list_template = "admin/keyset_list.html"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Settlement]:
        return advances.settlements_for(person(request))

    @admin.display(description=_("case"))
    def case(self, row: Settlement) -> str:
        return row.award.case_number

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Of the case `?case=<number>`; the case's own page leads here."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked = CaseForm(request.GET if "case" in request.GET else None, user=person(request))
        context: dict[str, Any] = {"title": _("Settle an advance"), "form": asked}
        if not asked.is_valid():
            return self._page(request, "settlement/form", context, 404 if asked.is_bound else 200)
        case = asked.cleaned_data["case"]
        if not interests.opens_to(case, person(request)):
            return self._undeclared(request, case)
        if request.method == "GET" and not self._is_open(case, asked):
            return self._page(request, "settlement/form", context)
        form = SettleForm(request.POST or None, lines=fact_lines(case))
        if form.is_valid() and (made := self._made(request, case, form)):
            messages.success(request, _("Prepared; another of the bureau approves it."))
            return redirect(PAGE, made.pk)
        return self._page(request, "settlement/form", context | {"case": case, "form": form})

    def _is_open(self, case: Application, asked: CaseForm) -> bool:
        """Said before anybody types the figures for nothing."""
        try:
            advances.require_open(case)
        except Conflict as refused:
            asked.take(refused)
            return False
        return True

    def _made(self, request: HttpRequest, case: Application, form: SettleForm) -> Settlement | None:
        given = {name: form.cleaned_data[name] for name in ("due_on", "reason")}
        try:
            return advances.prepare(
                case_id=case.pk, figures=form.figures(), user=person(request), **given
            )
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        case = advances.case_of(row.pk)
        if not interests.opens_to(case, person(request)):
            return self._undeclared(request, case)
        steps = opened(request, STEPS, _open_steps(request, row))
        if request.method == "POST" and taken(request, steps, settlement_id=row.pk):
            return redirect(PAGE, row.pk)
        interests.log_reading(case, person(request), "desk")
        asked = rules(case).facts
        context = {
            "title": f"{capfirst(self.opts.verbose_name)} · {case.number}",
            "row": row, "case": case,
            "figures": [
                (pick(asked[key].label), value_of(asked[key], value))
                for key, value in row.facts.items()
            ],
            "steps": steps,
        }  # fmt: skip
        return self._page(request, "settlement/page", context)

    def _undeclared(self, request: HttpRequest, case: Application) -> HttpResponse:
        messages.warning(request, _("Declare first whether you have an interest in this case."))
        return redirect("admin:reviews_application_change", case.pk)

    def _page(
        self, request: HttpRequest, page: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        response = render(self, request, page, context)
        response.status_code = 422 if request.method == "POST" else status
        return response


def _open_steps(request: HttpRequest, row: Settlement) -> list[str]:
    """Whoever prepared it is not offered to approve it."""
    if row.state != SettlementState.PREPARED:
        return []
    own = row.prepared_by_id == person(request).pk
    return [name for name in STEPS if not (own and name == "approve")]
