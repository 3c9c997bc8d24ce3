"""Sweeps: started, watched while they run, read, written out, and made into cases."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from applicants.templatetags.huiqi import yuan
from incentives.domain.exports import Cell, csv_blocks
from incentives.models import Programme
from incentives.presenters.assessments import decision_words
from reviews.admin.access import RoleAdmin, cities, held, person
from reviews.admin.money_pages import tell_refusal
from reviews.admin.paging import KeysetList
from reviews.domain.sweeps import start_sweep
from reviews.domain.sweeps_cases import open_cases
from reviews.models import Sweep, SweepRow
from reviews.models.staff import Role
from reviews.models.sweep import Standing, SweepState

CITY_WIDE = (Role.POLICY_EDITOR, Role.AUDITOR)
BUREAU = (Role.PREPARER, Role.APPROVER)
PAGE = "admin:reviews_sweep_change"
ROWS = 50
LOOK_AGAIN = "4"  # seconds


class SweepForm(forms.Form):
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    on = forms.DateField(
        label=_("Assessed as on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The day on which the conditions are to hold."),
    )

    def __init__(self, *args: Any, own: QuerySet[Programme], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["programme"].queryset = own  # type: ignore[attr-defined]


@admin.register(Sweep)
class SweepAdmin(RoleAdmin):
    seen_by = (*CITY_WIDE, *BUREAU)
    added_by = (Role.POLICY_EDITOR, *BUREAU)
    change_list_template = "admin/keyset_list.html"
    list_display = ("programme", "on", "state", "checked", "found", "sum", "started_by",
                    "started_at")  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("programme", "started_by")
    search_fields = ("programme__title_zh", "programme__title_en", "programme__code")

    @admin.display(description=_("together, in yuan"))
    def sum(self, sweep: Sweep) -> str:
        return yuan(sweep.amount)

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sweep]:
        """Editors and auditors see the city's sweeps, others those of their bureaus' programmes."""
        own = [role.bureau_id for role in held(request) if role.role in BUREAU]
        rows: QuerySet[Sweep] = super().get_queryset(request)
        mine = Q(programme__handling_bureau__in=own)
        return rows.filter(Q(city__in=cities(request, CITY_WIDE)) | mine)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("<int:pk>/open/", site(require_POST(self.open)), name="sweep_open"),
            path("<int:pk>/result.csv", site(self.result), name="sweep_result"),
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SweepForm(
            request.POST or None,
            own=_programmes(request),
            initial={"on": timezone.localdate(), "programme": request.GET.get("programme")},
        )
        if form.is_valid():
            try:
                sweep = start_sweep(user=person(request), **form.cleaned_data)
            except (ValidationError, PermissionDenied) as refused:
                tell_refusal(request, refused)
            else:
                return redirect(PAGE, sweep.pk)
        return self._render(request, "form", {"title": _("Start a sweep"), "form": form})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        sweep = self._seen(request, int(object_id))
        moving = sweep.state in (SweepState.WAITING, SweepState.RUNNING)
        context = {
            "title": str(sweep),
            "sweep": sweep,
            "moving": moving,
            "percent": 100 * sweep.checked // max(sweep.total, 1),
            "counts": [(decision_words(key), count) for key, count in sorted(sweep.counts.items())],
            "may_open": sweep.state == SweepState.DONE and _may_open(request, sweep),
            **_page(request, sweep),
        }
        response = self._render(request, "sweep", context)
        if moving:
            response["Refresh"] = LOOK_AGAIN
        return response

    def _seen(self, request: HttpRequest, pk: int) -> Sweep:
        related = ("programme__handling_bureau", "version", "city", "started_by")
        rows = self.get_queryset(request).select_related(*related)
        return get_object_or_404(rows, pk=pk)

    def open(self, request: HttpRequest, pk: int) -> HttpResponse:
        sweep = self._seen(request, pk)
        chosen = [int(row) for row in request.POST.getlist("row") if row.isdecimal()]
        rows = None if request.POST.get("all") == "on" else chosen
        try:
            opened = open_cases(sweep=sweep, rows=rows, user=person(request))
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
        else:
            said = ngettext("%(count)s case is open.", "%(count)s cases are open.", opened)
            messages.success(request, said % {"count": opened})
        return redirect(PAGE, pk)

    def result(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        sweep = self._seen(request, pk)
        headings = [
            str(_("unified social credit code")),
            str(_("organisation")),
            str(_("district")),
            str(_("decision")),
            str(_("at least")),
            str(_("at most")),
            str(_("standing")),
        ]
        name = f"sweep-{sweep.programme.code}-{sweep.on.isoformat()}.csv"
        return StreamingHttpResponse(
            csv_blocks(headings, _lines(sweep)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _render(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/reviews/sweep/{page}.html", whole)


def _programmes(request: HttpRequest) -> QuerySet[Programme]:
    own = [role.bureau_id for role in held(request) if role.role in BUREAU]
    editing = cities(request, (Role.POLICY_EDITOR,))
    mine = Q(city__in=editing) | Q(handling_bureau__in=own)
    return Programme.objects.filter(mine, is_open=True).order_by("document", "id")


def _may_open(request: HttpRequest, sweep: Sweep) -> bool:
    return any(
        (role.role == Role.POLICY_EDITOR and role.city_id == sweep.city_id)
        or (role.role == Role.APPROVER and role.bureau_id == sweep.programme.handling_bureau_id)
        for role in held(request)
    )


def _page(request: HttpRequest, sweep: Sweep) -> dict[str, Any]:
    """Totals of the whole result, and a page of it in the order of the parties."""
    after = request.GET.get("after", "")
    rows = sweep.rows.filter(pk__gt=int(after) if after.isdecimal() else 0)
    found = list(rows.select_related("party__district", "application").order_by("pk")[: ROWS + 1])
    totals = sweep.rows.values("decision", "standing").annotate(
        count=Count("pk"), opened=Count("application"), total=Sum("maximum")
    )
    return {
        "rows": [(row, decision_words(row.decision)) for row in found[:ROWS]],
        "after": found[ROWS - 1].pk if len(found) > ROWS else None,
        "paged": after.isdecimal(),
        "totals": [
            line
            | {
                "decision": decision_words(line["decision"]),
                "standing": Standing(line["standing"]).label,
            }
            for line in totals.order_by("decision", "standing")
        ],
        "free": sweep.rows.filter(standing=Standing.FREE, application=None).exists(),
    }


def _lines(sweep: Sweep) -> Iterator[list[Cell]]:
    rows = SweepRow.objects.filter(sweep=sweep).select_related("party__district").order_by("pk")
    for row in rows.iterator(chunk_size=2000):
        yield [
            row.party.uscc,
            row.party.name,
            str(row.party.district or ""),
            decision_words(row.decision),
            row.minimum,
            row.maximum,
            row.get_standing_display(),
        ]
