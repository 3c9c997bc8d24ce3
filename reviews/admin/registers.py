"""The registers: what cases ended in other than paid money, and the steps of each entry."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import Conflict
from incentives.domain import registers
from incentives.domain.register_lists import Levels
from incentives.models import RegisterEntry
from incentives.presenters import registers as words
from reviews.admin import money_pages
from reviews.admin.access import RoleAdmin, person
from reviews.admin.paging import KeysetList
from reviews.admin.register_forms import STEP_DOORS, EntryStepForm, StepDoor
from reviews.domain import working_days
from reviews.domain.entries import entries_for_staff, steps_open, take_step
from reviews.domain.queries import FINANCE, REVIEWING
from reviews.models import Application
from reviews.models.staff import Role

ENTRY = "admin:incentives_registerentry_change"
BESIDE = ("city", "bureau", "party", "programme", "entered_by")


class EndsFilter(admin.SimpleListFilter):
    title = _("ends")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("30", _("within 30 days")), ("90", _("within 90 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("30", "90"):
            return queryset
        today = working_days.today()
        until = today + timedelta(days=int(str(self.value())))
        return queryset.filter(state="in_force", ends_on__range=(today, until))


class RegisterList(KeysetList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        levels = Levels(entry.programme_id for entry in self.result_list)
        for entry in self.result_list:
            entry.level_words = levels.of(entry)


@dataclass(frozen=True)
class StepOffer:
    door: StepDoor
    form: EntryStepForm


@admin.register(RegisterEntry)
class RegisterAdmin(RoleAdmin):
    seen_by = (*REVIEWING, *FINANCE, Role.AUDITOR)
    change_list_template = "admin/keyset_list.html"
    list_display = (
        "number",
        "kind",
        "what",
        "level_shown",
        "party",
        "starts_on",
        "ends_on",
        "state",
        "bureau",
    )
    list_filter = (
        "kind",
        "state",
        EndsFilter,
        ("bureau", admin.RelatedOnlyFieldListFilter),
        ("programme", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("bureau", "party", "programme")
    search_fields = ("number", "case_number", "party__name", "party__uscc")
    search_help_text = _("Register or case number, name, or unified social credit code.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterEntry]:
        return entries_for_staff(person(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"title": self.opts.verbose_name_plural}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[RegisterList]:
        return RegisterList

    @admin.display(description=_("what"))
    def what(self, entry: RegisterEntry) -> str:
        return entry.label

    @admin.display(description=_("level"))
    def level_shown(self, entry: Any) -> str:
        return entry.level_words or "—"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/do/<slug:step>/", view(self.act), name="register_step"),
            path("<int:pk>/certificate/", view(self.certificate), name="register_certificate"),
        ]
        return own + super().get_urls()

    def _entry(self, request: HttpRequest, pk: Any) -> RegisterEntry:
        """The entry, if it is for the eyes of the person who asks; else it does not exist."""
        number = int(pk) if str(pk).isdecimal() else 0
        return get_object_or_404(self.get_queryset(request).select_related(*BESIDE), pk=number)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self._entry(request, object_id))

    def certificate(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = self._entry(request, pk)
        return render(request, "registers/certificate.html", words.certificate(entry))

    def act(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """One step. What is refused comes back beside its field, with everything still typed."""
        entry = self._entry(request, pk)
        if step not in registers.STEPS:
            raise Http404(step)
        if request.method != "POST":
            return redirect(ENTRY, pk)
        form = EntryStepForm(request.POST, entry=entry, step=step)
        if not form.is_valid():
            return self._typed_again(request, entry, form)
        try:
            take_step(entry_id=pk, kind=step, user=person(request), **form.cleaned_data)
        except Conflict as conflict:
            messages.warning(request, " ".join(conflict.messages))
            return redirect(ENTRY, pk)
        except ValidationError as refused:
            form.take(refused)
            return self._typed_again(request, entry, form)
        messages.success(request, str(STEP_DOORS[step].done))
        return redirect(ENTRY, pk)

    def _typed_again(
        self, request: HttpRequest, entry: RegisterEntry, form: EntryStepForm
    ) -> HttpResponse:
        if form.step not in steps_open(entry, person(request)):
            raise PermissionDenied
        return self._page(request, entry, form)

    def _page(
        self, request: HttpRequest, entry: RegisterEntry, failed: EntryStepForm | None = None
    ) -> HttpResponse:
        context = words.certificate(entry) | {
            "title": entry.number,
            "case": _case_of(entry),
            "steps": words.steps(entry),
            "offers": _offers(entry, steps_open(entry, person(request)), failed),
        }
        answer = money_pages.render(self, request, "registerentry/entry", context)
        answer.status_code = 422 if failed else 200
        return answer


def _case_of(entry: RegisterEntry) -> Application | None:
    if not entry.case_number:
        return None
    return Application.objects.filter(city=entry.city_id, number=entry.case_number).first()


def _offers(
    entry: RegisterEntry, steps: list[str], failed: EntryStepForm | None
) -> list[StepOffer]:
    return [
        StepOffer(
            STEP_DOORS[step],
            failed if failed and failed.step == step else EntryStepForm(entry=entry, step=step),
        )
        for step in steps
    ]
