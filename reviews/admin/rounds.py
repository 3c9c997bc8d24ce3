"""Rounds at the desk: planned, opened, scored, ranked; scores show once every sheet is in."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from reviews.admin.access import RoleAdmin, person
from reviews.admin.money_pages import tell_refusal
from reviews.admin.paging import KeysetList
from reviews.admin.rounds_forms import ExcuseForm, NewRoundForm, RoundForm, as_planned
from reviews.domain import rounds_deciding, rounds_reading, rounds_scoring, rounds_setup
from reviews.domain.queries import REVIEWING
from reviews.models import ScoringRound
from reviews.models.round import RoundState
from reviews.models.staff import Role
from reviews.presenters import round_minutes
from reviews.presenters.pdf import pdf_answer

PAGE = "admin:reviews_scoringround_change"
Verb = Callable[..., object]
Words = str | Promise

STEPS: dict[str, tuple[Words, Verb, Words]] = {
    "open": (_("Open the round"), rounds_setup.open_round, _("The round takes cases.")),
    "begin": (
        _("Draw experts and begin scoring"),
        rounds_scoring.begin,
        _("The experts are drawn and told."),
    ),
    "top_up": (
        _("Draw for cases that lack experts"),
        rounds_scoring.top_up,
        _("Missing experts have been drawn, as far as the pool reaches."),
    ),
    "rank": (_("Fix the ranking"), rounds_deciding.rank, _("The ranking is fixed.")),
    "settle": (_("Settle the round"), rounds_deciding.settle, _("The round is settled.")),
    "close": (_("Close the round"), rounds_deciding.close, _("The round is closed.")),
}


@admin.register(ScoringRound)
class RoundAdmin(RoleAdmin):
    seen_by = (*REVIEWING, Role.AUDITOR)
    added_by = (Role.PREPARER,)
    city_path = "programme__city"
    change_list_template = "admin/keyset_list.html"
    list_display = ("title", "programme", "number", "opens_on", "closes_on", "state")
    list_filter = ("state",)
    list_select_related = ("programme",)
    search_fields = ("title", "programme__title_zh", "programme__title_en", "programme__code")

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoringRound]:
        return rounds_reading.rounds_for(person(request))

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("<int:pk>/plan/", site(self.plan), name="round_plan"),
            path("<int:pk>/minutes.pdf", site(self.minutes), name="round_minutes"),
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        own = rounds_reading.programmes_for(person(request))
        if not own.exists():
            raise PermissionDenied
        form = NewRoundForm(request.POST or None, own=own)
        return self._planned(request, form, rounds_setup.set_up, _("Plan a round"))

    def plan(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = self._seen(request, pk)
        if "change" not in rounds_reading.steps_of(found, person(request)):
            raise PermissionDenied
        form = RoundForm(request.POST or None, initial=as_planned(found))
        return self._planned(request, form, rounds_setup.change, str(found), round_id=found.pk)

    def _planned(
        self, request: HttpRequest, form: RoundForm, verb: Verb, title: Words, **of: Any
    ) -> HttpResponse:
        if form.is_valid():
            try:
                done: Any = verb(user=person(request), **form.given(), **of)
            except ValidationError as refused:
                form.take(refused)
            else:
                messages.success(request, _("The plan is kept; an approver opens the round."))
                return redirect(PAGE, done.pk)
        return self._render(request, "form", {"title": title, "form": form})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        found = self._seen(request, int(object_id))
        steps = rounds_reading.steps_of(found, person(request))
        excuse = ExcuseForm(request.POST or None, found=found) if "excuse" in steps else None
        if request.method == "POST" and self._took(request, found, excuse):
            return redirect(PAGE, found.pk)
        return self._render(request, "round", _context(found, person(request), steps, excuse))

    def _seen(self, request: HttpRequest, pk: int) -> ScoringRound:
        people = ("made_by", "opened_by", "drawn_by", "ranked_by", "programme__city")
        return get_object_or_404(self.get_queryset(request).select_related(*people), pk=pk)

    def _took(self, request: HttpRequest, found: ScoringRound, excuse: ExcuseForm | None) -> bool:
        """Whether the step was taken or refused; False where its form has to be shown again."""
        step = request.POST.get("step", "")
        if step == "excuse" and excuse is not None:
            if not excuse.is_valid():
                return False
            given = {"sheet_id": excuse.cleaned_data["sheet"].pk}
            given["reason"] = excuse.cleaned_data["reason"]
            _run(request, rounds_scoring.excuse, _("The next expert in the draw follows."), **given)
            return True
        if step not in STEPS:
            raise PermissionDenied
        _run(request, STEPS[step][1], STEPS[step][2], round_id=found.pk)
        return True

    def minutes(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Of a ranked round, for those without an interest in its cases."""
        found = self._seen(request, pk)
        if not _has_minutes(found, person(request)):
            raise Http404(pk)
        name = f"{found.programme.code}-{found.number}"
        return pdf_answer(round_minutes.as_pdf(found), name)

    def _render(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        form = context.get("form") or context.get("excuse")
        status = 422 if form is not None and form.is_bound and form.errors else 200
        template = f"admin/reviews/scoringround/{page}.html"
        return TemplateResponse(request, template, whole, status=status)


def _run(request: HttpRequest, verb: Verb, done: Words, **given: Any) -> None:
    try:
        verb(user=person(request), **given)
    except (ValidationError, PermissionDenied) as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, str(done))


def _has_minutes(found: ScoringRound, user: User) -> bool:
    ranked = found.state in (RoundState.RANKED, RoundState.CLOSED)
    return ranked and rounds_reading.unbiased(found, user)


def _context(
    found: ScoringRound, user: User, steps: list[str], excuse: ExcuseForm | None
) -> dict[str, Any]:
    shows = rounds_reading.shows_scores(found, user)
    told = rounds_reading.scored_sheets(found) if shows else {}
    lines = rounds_reading.case_lines(found)
    return {
        "title": str(found),
        "round": found,
        "rule": round_minutes.rule_rows(found),
        "cases": lines,
        "scores": [(line, told.get(line.case.application_id, [])) for line in lines]
        if shows
        else [],
        "sheets": rounds_reading.sheet_lines(found) if found.drawn_at else [],
        "all_in": rounds_reading.all_in(found),
        "has_minutes": _has_minutes(found, user),
        "steps": [(name, STEPS[name][0]) for name in steps if name in STEPS],
        "may_change": "change" in steps,
        "excuse": excuse,
    }
