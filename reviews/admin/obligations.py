"""Obligations after an award: what falls due, and what the handling bureau found."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from reviews.admin.access import RoleAdmin, holds, person
from reviews.admin.paging import KeysetList
from reviews.admin.steps import Step, amount_field, day_field
from reviews.domain import interests, obligations
from reviews.models import Application, Obligation
from reviews.models.obligation import ObligationKind, ObligationState
from reviews.models.staff import Role

PAGE = "admin:reviews_obligation_change"
SETTING = (Role.PREPARER, Role.APPROVER)
EVALUATING = (Role.APPROVER, Role.LEADER)


class ImposeForm(Step):
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    kind = forms.ChoiceField(label=_("kind"), choices=ObligationKind.choices)
    text = forms.CharField(
        label=_("what is owed"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = day_field(_("due on"))

    def clean_case_number(self) -> Application:
        number = self.cleaned_data["case_number"].strip()
        case = Application.objects.filter(number=number).first()
        if case is None:
            raise ValidationError(_("There is no case with this number."))
        return case


class EvaluateForm(Step):
    state = forms.ChoiceField(
        label=_("Your finding"),
        choices=[(state.value, state.label) for state in obligations.ANSWERS],
        widget=forms.RadioSelect,
    )
    finding = forms.CharField(
        label=_("What was found, and on what evidence"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RecoverForm(Step):
    amount = amount_field()
    due_on = day_field(_("To be paid back by"))


@admin.register(Obligation)
class ObligationAdmin(RoleAdmin):
    seen_by = (*SETTING, Role.LEADER, Role.FINANCE_PREPARER, Role.FINANCE_APPROVER, Role.AUDITOR)
    added_by = SETTING
    list_display = ("case", "party", "kind", "text", "due_on", "state")
    list_filter = ("state", "kind")
    search_fields = ("application__number", "party__name", "text")
    change_list_template = "admin/keyset_list.html"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Obligation]:
        rows = obligations.obligations_for(person(request)).order_by("-id")
        return rows.select_related("application", "party", "set_by", "evaluated_by")

    @admin.display(description=_("case"))
    def case(self, row: Obligation) -> str:
        return row.application.number or ""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImposeForm(request.POST or None, initial={"case_number": request.GET.get("case")})
        if form.is_valid():
            given = dict(form.cleaned_data)
            case = given.pop("case_number")
            try:
                made = obligations.impose(case_id=case.pk, user=person(request), **given)
            except (ValidationError, PermissionDenied) as refused:
                form.take(refused)
            else:
                messages.success(request, _("The obligation is set; the applicant is told."))
                return redirect(PAGE, made.pk)
        return self._page(request, {"title": _("Set an obligation"), "form": form}, form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        row = get_object_or_404(self.get_queryset(request), pk=int(object_id))
        if not interests.opens_to(row.application, person(request)):
            messages.warning(request, _("Declare first whether you have an interest in this case."))
            return redirect("admin:reviews_application_change", row.application_id)
        form = self._form(request, row)
        if form and form.is_valid() and self._taken(request, row, form):
            return redirect(PAGE, row.pk)
        interests.log_reading(row.application, person(request), "desk")
        return self._page(request, {"title": str(row), "row": row, "form": form}, form)

    def _form(self, request: HttpRequest, row: Obligation) -> Step | None:
        posted = request.POST if request.method == "POST" else None
        if row.state == ObligationState.DUE and holds(request, EVALUATING):
            return EvaluateForm(posted)
        broken = row.state == ObligationState.BROKEN and not row.recovery
        if broken and holds(request, (Role.FINANCE_PREPARER,)):
            return RecoverForm(posted)
        return None

    def _taken(self, request: HttpRequest, row: Obligation, form: Step) -> bool:
        verb: Any = obligations.evaluate if isinstance(form, EvaluateForm) else obligations.recover
        try:
            verb(obligation_id=row.pk, user=person(request), **form.cleaned_data)
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return False
        messages.success(request, _("Kept with the case."))
        return True

    def _page(
        self, request: HttpRequest, context: dict[str, Any], form: Step | None
    ) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        status = 422 if form and form.errors else 200
        template = "admin/reviews/obligation.html"
        return TemplateResponse(request, template, whole, status=status)
