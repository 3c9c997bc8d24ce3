"""Objections and reconsiderations: what was filed, and the answer of someone uninvolved."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_field
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import told_of_crossing
from reviews.admin.access import RoleAdmin, person
from reviews.admin.paging import KeysetList
from reviews.domain import interests, lights
from reviews.domain.objections import handle, objections_for
from reviews.domain.reconsiderations import decide, reconsiderations_for
from reviews.models import Application, Objection, Reconsideration
from reviews.models.staff import Role


class AnswerForm(forms.Form):
    decision = forms.ChoiceField(label=_("Your decision"), widget=forms.RadioSelect)
    answer = forms.CharField(
        label=_("Answer, with its reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, choices: tuple[Any, ...], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]

    def take(self, refused: ValidationError | PermissionDenied) -> None:
        """Show what the verb refused beside its field."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, getattr(refused, "messages", [str(refused)]))
            return
        for name, said in refused.message_dict.items():  # type: ignore[union-attr]
            self.add_error(name if name in self.fields else None, said)


class AnsweringList(KeysetList):
    """One page of rows, each with the light of its deadline."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        for row, light in zip(rows, lights.of_open(rows), strict=True):
            row.light = light
        self.result_list = rows


class AnsweringAdmin(RoleAdmin):
    """A list, and a page with what was filed and the form that answers it."""

    seen_by = (Role.AUDITOR,)
    changed_by = (Role.APPROVER, Role.LEADER)
    change_list_template = "admin/keyset_list.html"
    list_filter = ("state",)
    choices: tuple[Any, ...] = ()
    shown: tuple[str, ...] = ()

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[AnsweringList]:
        return AnsweringList

    def case_of(self, row: Any) -> Application:
        raise NotImplementedError

    def answer(self, request: HttpRequest, row: Any, *, decision: str, answer: str) -> None:
        raise NotImplementedError

    @admin.display(description=_("case"))
    def case(self, row: Any) -> str:
        return self.case_of(row).number or ""

    @admin.display(description=_("programme"))
    def programme(self, row: Any) -> str:
        return str(self.case_of(row).programme)

    @admin.display(description=_("bureau"))
    def bureau(self, row: Any) -> str:
        return str(self.case_of(row).handling_bureau)

    @admin.display(description=_("decide by"), ordering="due_on")
    def deadline(self, row: Any) -> SafeString | str:
        light = row.light
        if light is None:
            return row.due_on.isoformat() if row.due_on else "—"
        return format_html(
            '<span class="nowrap">{}</span> <span class="tag tag--{}">{}</span>',
            row.due_on.isoformat(),
            light.tone,
            light.words,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        row: Any = get_object_or_404(self.get_queryset(request), pk=pk)
        case = self.case_of(row)
        if not interests.opens_to(case, person(request)):
            messages.warning(request, _("Declare first whether you have an interest in this case."))
            return redirect("admin:reviews_application_change", case.pk)
        form = self._form(request, row)
        if form and form.is_valid() and self._answered(request, row, form):
            return redirect(f"admin:reviews_{self.opts.model_name}_change", pk)
        interests.log_reading(case, person(request), "desk")
        return self._page(request, row, form)

    def _form(self, request: HttpRequest, row: Any) -> AnswerForm | None:
        if request.method == "POST":
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            return AnswerForm(request.POST, choices=self.choices)
        opens = self.has_change_permission(request, row) and row.state == "filed"
        return AnswerForm(choices=self.choices) if opens else None

    def _answered(self, request: HttpRequest, row: Any, form: AnswerForm) -> bool:
        try:
            with told_of_crossing():
                self.answer(request, row, **form.cleaned_data)
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return False
        messages.success(request, _("The decision and its reason are kept with the case."))
        return True

    def _page(self, request: HttpRequest, row: Any, form: AnswerForm | None) -> HttpResponse:
        fields: list[Any] = [self.opts.get_field(name) for name in self.shown]
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": str(row),
            "row": row,
            "case": self.case_of(row),
            "lines": [
                (field.verbose_name, display_for_field(getattr(row, field.name), field, ""))
                for field in fields
            ],
            "form": form,
            "light": lights.of_open([row])[0],
        }
        status = 422 if form and form.errors else 200
        return TemplateResponse(request, "admin/reviews/answer.html", context, status=status)


@admin.register(Objection)
class ObjectionAdmin(AnsweringAdmin):
    list_display = ("number", "case", "programme", "bureau", "state", "deadline", "filed_at")
    search_fields = ("number", "item__application__number")
    choices = (("upheld", _("Upheld: the case ends")), ("rejected", _("Not upheld")))
    shown = ("name", "contact", "text", "filed_at", "due_on", "answer", "handled_by", "handled_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Objection]:
        case = "item__application"
        beside = (f"{case}__programme", f"{case}__handling_bureau", f"{case}__applicant")
        return objections_for(person(request)).select_related(*beside, "handled_by", "document")

    def case_of(self, row: Any) -> Application:
        found: Application = row.item.application
        return found

    def answer(self, request: HttpRequest, row: Any, *, decision: str, answer: str) -> None:
        upheld = decision == "upheld"
        handle(objection_id=row.pk, upheld=upheld, answer=answer, user=person(request))


@admin.register(Reconsideration)
class ReconsiderationAdmin(AnsweringAdmin):
    list_display = ("case", "programme", "bureau", "state", "deadline", "filed_at")
    search_fields = ("application__number",)
    choices = (("changed", _("The decision is taken anew")), ("upheld", _("The decision stands")))
    shown = ("text", "filed_by", "filed_at", "due_on", "answer", "decided_by", "decided_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reconsideration]:
        beside = ("programme", "handling_bureau", "applicant")
        rows = reconsiderations_for(person(request)).select_related("filed_by", "document")
        return rows.select_related(*(f"application__{one}" for one in beside))

    def case_of(self, row: Any) -> Application:
        found: Application = row.application
        return found

    def answer(self, request: HttpRequest, row: Any, *, decision: str, answer: str) -> None:
        changed = decision == "changed"
        decide(reconsideration_id=row.pk, changed=changed, answer=answer, user=person(request))
