"""The reviewers' desk: cases by queue and deadline, each a page read from top to bottom."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applicants.domain.succession import formerly
from applicants.templatetags.huiqi import yuan
from reviews.admin import (
    bulk,
    casework,
    explanations,
    history,
    printing,
    saved_views,
    views,
)
from reviews.admin.access import RoleAdmin, person
from reviews.admin.caselist import (
    ALL,
    AssigneeFilter,
    CaseList,
    OverdueFilter,
    QueueFilter,
    StateFilter,
    TaskFilter,
    desk,
    tabs,
    with_own_tasks,
)
from reviews.admin.paging import CappedPaginator
from reviews.domain.assessing import rules
from reviews.domain.queries import FINANCE, REVIEWING, cases_for_staff
from reviews.domain.queues import by_deadline, opening
from reviews.models import Application
from reviews.models.staff import Role
from reviews.presenters.outcomes import conferred

FORMER = 50  # organisations found by a name that they no longer have


def _key(written: str) -> int:
    """A case's key as it stands in an address; no case has one that is no number."""
    return int(written) if written.isdecimal() else 0


@admin.register(Application)
class CaseAdmin(RoleAdmin):
    seen_by = (*REVIEWING, *FINANCE, Role.AUDITOR)
    paginator = CappedPaginator
    actions = bulk.ACTIONS
    actions_selection_counter = True
    change_list_template = "admin/reviews/application/list.html"
    list_display = (
        "case_number",
        "programme",
        "applicant",
        "claimed",
        "state",
        "own_task",
        "deadline_light",
        "district",
    )
    list_filter = (
        QueueFilter,
        StateFilter,
        TaskFilter,
        OverdueFilter,
        AssigneeFilter,
        ("handling_bureau", admin.RelatedOnlyFieldListFilter),
        ("programme", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("programme", "applicant__district", "version")
    search_fields = (
        "number",
        "applicant__name",
        "applicant__uscc",
        "programme__title_zh",
        "programme__title_en",
    )
    search_help_text = _("Case number, name, unified social credit code, or programme.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        cases = with_own_tasks(cases_for_staff(person(request)), desk(request))
        return by_deadline(cases, desk(request)).defer("version__definition")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Application], search_term: str
    ) -> tuple[QuerySet[Application], bool]:
        """By former names of organisations too."""
        found, many = super().get_search_results(request, queryset, search_term)
        former = list(formerly(search_term)[:FORMER]) if search_term else []
        return (found | queryset.filter(applicant__in=former) if former else found), many

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return list(by_deadline(Application.objects.all(), desk(request)).query.order_by)

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[CaseList]:
        return CaseList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        own = tabs(request)
        keys = [tab["key"] for tab in own] + [ALL]
        asked = request.GET.get(QueueFilter.parameter_name)
        chosen = asked if asked in keys else opening(desk(request)) or ALL
        context = {
            "tabs": own,
            "chosen": chosen,
            "title": str(self.opts.verbose_name_plural).capitalize(),
        }
        context["saved"] = saved_views.shown(request)
        return super().changelist_view(request, context | (extra_context or {}))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return bulk.allowed(super().get_actions(request), desk(request))

    def get_urls(self) -> list[URLPattern]:
        steps = [
            path("<int:pk>/do/<slug:name>/", self._view(views.act), name="case_act"),
            path(
                "<int:pk>/do/<slug:name>/<int:bureau>/",
                self._view(views.act),
                name="case_act_for",
            ),
            path(
                "<int:pk>/explanation/<int:number>/",
                self._view(explanations.show),
                name="case_explanation",
            ),
            path(
                "<int:pk>/explanation/<int:number>.pdf",
                self._view(explanations.pdf),
                name="case_explanation_pdf",
            ),
            *printing.urls(self._view),
            *casework.urls(self._view),
            *saved_views.urls(self._view),
            path("bulk/<slug:name>/", self._view(bulk.run), name="case_bulk"),
        ]
        return steps + super().get_urls()

    def _view(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return views.show(request, _key(object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return history.page(request, views.case_seen_by(request, _key(object_id)))

    @admin.display(description=_("case number"), ordering="number")
    def case_number(self, case: Application) -> str:
        return case.number or ""

    @admin.display(description=_("claimed / determined"))
    def claimed(self, case: Any) -> SafeString:
        if not rules(case).outcome.pays:
            return format_html("{}", conferred(rules(case)))
        claim = case.claim
        ends = dict.fromkeys([yuan(claim.minimum), yuan(claim.maximum)])
        asked = format_html_join(" – ", '<span class="amount">{}</span>', ((end,) for end in ends))
        if claim.determined is None:
            return asked
        return format_html(
            '<span class="muted">{}</span> <b class="amount">{}</b>', asked, yuan(claim.determined)
        )

    @admin.display(description=_("my bureau's task"))
    def own_task(self, case: Any) -> str:
        told = ((task.get_kind_display(), task.assignee) for task in case.own_tasks)
        return "、".join(f"{kind}（{who}）" if who else kind for kind, who in told) or "—"

    @admin.display(description=_("due"), ordering="deadline")
    def deadline_light(self, case: Any) -> SafeString | str:
        if case.light is None:
            return "—"
        return format_html(
            '<span class="nowrap">{}</span> <span class="tag tag--{}">{}</span>{}',
            case.deadline.isoformat(),
            case.light.tone,
            case.light.words,
            _provisional(case),
        )

    @admin.display(description=_("district"), ordering="applicant__district")
    def district(self, case: Application) -> str:
        return str(case.applicant.district or "—")


def _provisional(case: Any) -> SafeString | str:
    """A mark where the holidays of the deadline's year are not published yet."""
    if not case.provisional:
        return ""
    return format_html(' <span class="tag tag--quiet">{}</span>', _("provisional day"))
