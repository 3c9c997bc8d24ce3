"""Drafts of rules: written, compared, proved, simulated, and published by a second person."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from applicants.domain.uploads.check import check
from incentives.domain.draft_text import read_draft, written_of
from incentives.domain.programmes import rules_of
from incentives.models import Programme, ProgrammeDraft
from incentives.models.draft import DraftState
from incentives.policy.proof import failures
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.drafts_forms import DraftForm, PublishForm, ReturnForm, SimulateForm
from reviews.admin.money_pages import render, tell_refusal
from reviews.domain import drafting
from reviews.domain.simulating import simulate_draft
from reviews.domain.simulating_cases import listed_cases, past_cases
from reviews.models import Simulation
from reviews.models.staff import Role
from reviews.presenters.draft_comparison import changed_fields, side_by_side
from reviews.presenters.simulation import SimulationTold

LIST = "admin:incentives_programmedraft_changelist"
PAGE = "admin:incentives_programmedraft_change"
Step = Callable[[HttpRequest, ProgrammeDraft], HttpResponse]


@admin.register(ProgrammeDraft)
class DraftAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    added_by = changed_by = (Role.POLICY_EDITOR,)
    city_path = "programme__city"
    list_display = ("name", "state", "based", "drafted_by", "changed_at", "in_force_from")
    list_filter = ("state",)
    list_select_related = ("programme", "based_on", "drafted_by")
    search_fields = ("programme__code", "programme__title_zh", "programme__title_en")

    @admin.display(description=_("programme"), ordering="programme__title_zh")
    def name(self, draft: ProgrammeDraft) -> str:
        return draft.programme.title

    @admin.display(description=_("based on"))
    def based(self, draft: ProgrammeDraft) -> str:
        return f"v{draft.based_on.number}"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/compare/", wrap(self.compare), name="draft_compare"),
            path("<int:pk>/simulate/", wrap(self.simulate), name="draft_simulate"),
            path("<int:pk>/simulation/<int:run>/", wrap(self.simulation), name="draft_simulation"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Choose the programme; the draft begins with its newest text."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = Programme.objects.filter(city__in=cities(request, self.added_by))
        if request.method == "POST":
            wanted = request.POST.get("programme", "")
            chosen = get_object_or_404(own, pk=int(wanted) if wanted.isdecimal() else 0)
            draft = drafting.start_draft(programme=chosen, user=person(request))
            return redirect(PAGE, draft.pk)
        context = {"title": _("Start a draft"), "programmes": own.order_by("document", "section")}
        return render(self, request, "programmedraft/start", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        draft = self._draft(request, int(object_id) if object_id.isdecimal() else 0)
        if request.method == "POST":
            return self._step(request, draft)
        return self._page(request, draft)

    def _draft(self, request: HttpRequest, pk: int) -> ProgrammeDraft:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("programme__city", "based_on")
        return get_object_or_404(rows, pk=pk)

    def _step(self, request: HttpRequest, draft: ProgrammeDraft) -> HttpResponse:
        if not self.has_change_permission(request, draft):
            raise PermissionDenied
        steps: dict[str, Step] = {
            "save": self._save, "submit": self._submit, "return": self._return,
            "withdraw": self._withdraw, "publish": self._publish,
        }  # fmt: skip
        step = steps.get(request.POST.get("step", "save"))
        if step is None:
            raise Http404
        try:
            return step(request, draft)
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
            return self._page(request, self._draft(request, draft.pk))

    def _save(self, request: HttpRequest, draft: ProgrammeDraft) -> HttpResponse:
        form = DraftForm(request.POST)
        if not form.is_valid():  # a wrong day: nothing typed is lost
            return self._page(request, draft, form=form)
        faults = drafting.save_draft(draft=draft, user=person(request), **form.cleaned_data)
        if faults:
            messages.warning(request, _("Kept, with the faults below."))
        else:
            messages.success(request, _("Kept; the text is sound and every example agrees."))
        return redirect(PAGE, draft.pk)

    def _submit(self, request: HttpRequest, draft: ProgrammeDraft) -> HttpResponse:
        form = DraftForm(request.POST)
        if form.is_valid():  # what stands on the page is what is handed over
            drafting.save_draft(draft=draft, user=person(request), **form.cleaned_data)
        drafting.submit_draft(draft=draft, user=person(request))
        messages.success(request, _("Handed over; another policy editor can publish it."))
        return redirect(PAGE, draft.pk)

    def _return(self, request: HttpRequest, draft: ProgrammeDraft) -> HttpResponse:
        reason = request.POST.get("reason", "")
        drafting.return_draft(draft=draft, reason=reason, user=person(request))
        messages.success(request, _("Returned to the person who drafted it."))
        return redirect(PAGE, draft.pk)

    def _withdraw(self, request: HttpRequest, draft: ProgrammeDraft) -> HttpResponse:
        drafting.withdraw_draft(draft=draft, user=person(request))
        messages.success(request, _("Withdrawn."))
        return redirect(LIST)

    def _publish(self, request: HttpRequest, draft: ProgrammeDraft) -> HttpResponse:
        form = PublishForm(request.POST)
        if not form.is_valid():
            return self._page(request, draft, publish=form)
        version = drafting.publish_draft(draft=draft, user=person(request), **form.cleaned_data)
        told = {"number": version.number, "day": version.in_force_from}
        messages.success(
            request, _("Published as version %(number)s, in force from %(day)s.") % told
        )
        return redirect(PAGE, draft.pk)

    def _page(
        self,
        request: HttpRequest,
        draft: ProgrammeDraft,
        form: DraftForm | None = None,
        publish: PublishForm | None = None,
    ) -> HttpResponse:
        shown = form["written"].value() if form else draft.written
        rules, faults = read_draft(shown, draft.programme)
        own = draft.drafted_by_id == person(request).pk
        editor = self.has_change_permission(request, draft)
        start = {"basis": draft.basis, "in_force_from": draft.in_force_from}
        examples = rules.examples if rules else ()
        context = {
            "title": str(draft),
            "draft": draft,
            "faults": faults,
            "lines": numbered(shown, {fault.line for fault in faults}),
            "examples": [(one, failures(rules, one)) for one in examples] if rules else [],
            "writing": editor and own and draft.state == DraftState.DRAFT,
            "publishing": editor and not own and draft.state == DraftState.SUBMITTED,
            "returning": editor and draft.state == DraftState.SUBMITTED,
            "simulating": editor and rules is not None and not faults,
            "form": form or DraftForm(initial=start | {"written": draft.written}),
            "publish_form": publish or PublishForm(initial=start),
            "return_form": ReturnForm(),
            "simulate_form": SimulateForm(),
            "simulations": draft.simulations.select_related("started_by"),
        }
        return render(self, request, "programmedraft/draft", context)

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self._draft(request, pk)
        rules, _faults = read_draft(draft.written, draft.programme)
        context = {
            "title": _("What changes"),
            "draft": draft,
            "fields": changed_fields(rules_of(draft.based_on), rules) if rules else None,
            "rows": side_by_side(written_of(draft.based_on), draft.written),
        }
        return render(self, request, "programmedraft/compare", context)

    def simulate(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self._draft(request, pk)
        if request.method != "POST":
            return redirect(PAGE, pk)
        if not self.has_change_permission(request, draft):
            raise PermissionDenied
        form = SimulateForm(request.POST, request.FILES)
        try:
            if not form.is_valid():
                raise ValidationError([words for told in form.errors.values() for words in told])
            run = self._run(request, draft, form)
        except ValidationError as refused:
            tell_refusal(request, refused)
            return redirect(PAGE, pk)
        return redirect("admin:draft_simulation", pk, run.pk)

    def _run(self, request: HttpRequest, draft: ProgrammeDraft, form: SimulateForm) -> Simulation:
        upload = form.cleaned_data["file"]
        cases, title = past_cases(draft.programme), str(_("past cases"))
        if upload is not None:
            found, title = check(upload), upload.name
            rules = read_draft(draft.written, draft.programme)[0] or rules_of(draft.based_on)
            cases = listed_cases(found.name, found.content, rules, rules_of(draft.based_on))
        return simulate_draft(
            draft=draft, cases=cases, title=title[:300], user=person(request),
            budget=form.cleaned_data["budget"],
        )  # fmt: skip

    def simulation(self, request: HttpRequest, pk: int, run: int) -> HttpResponse:
        draft = self._draft(request, pk)
        kept = get_object_or_404(Simulation, pk=run, draft=draft)
        context = {"title": str(kept), "draft": draft, "run": kept, "told": SimulationTold(kept)}
        return render(self, request, "programmedraft/simulation", context)


def numbered(written: str, marked: set[int]) -> list[tuple[int, str, bool]]:
    return [(no, line, no in marked) for no, line in enumerate(written.split("\n"), 1)]
