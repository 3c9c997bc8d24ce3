"""Stages of instalments, at the handling bureau: what waits, what was found, its confirmation."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.templatetags.huiqi import pick
from incentives.domain.findings import of_all_payers, together
from incentives.models import Instalment, InstalmentFinding
from incentives.models.award import ON_A_STAGE, DueKind, FindingState, Found
from reviews.admin.access import RoleAdmin, person
from reviews.admin.money_pages import WATCHING, render, sum_of
from reviews.admin.paging import KeysetList
from reviews.admin.steps import Doing, Step, amount_field, day_field, opened, taken
from reviews.admin.uploads import file_field, keeping
from reviews.domain import interests, staging
from reviews.models import Application
from reviews.models.staff import Role

PAGE = "admin:incentives_instalmentfinding_change"
LISTED = 200  # of the instalments that wait, the oldest; the page of a case leads to its own
Verb = Callable[..., InstalmentFinding]
# Each step on a prepared finding: by whom, its words and its verb.
STEPS = {
    "confirm": Doing((Role.APPROVER,), _("Confirm the finding"), staging.confirm),
    "drop": Doing((Role.PREPARER, Role.APPROVER), _("Drop the finding"), staging.drop, danger=True),
}


class WithdrawForm(Step):
    """Of an instalment that has a date: nothing is to be found on it but that."""

    title: ClassVar[str | Promise] = _("Withdraw a payment")
    reason = forms.CharField(
        label=_("What was found, and on what evidence"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads this text."),
        error_messages={"required": _("State what was found, and on what evidence.")},
    )
    document = file_field(_("Evidence"))


class FindForm(WithdrawForm):
    title = _("Find on a stage or evaluation")
    field_order = ("found", "amount", "due_on", "reason", "document")
    found = forms.ChoiceField(
        label=_("Finding on the instalment"),
        choices=[(one.value, one.label) for one in (*ON_A_STAGE, Found.WITHDRAWN)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose reached, reached in part or not reached.")},
    )
    amount = amount_field()
    due_on = day_field(_("Falls due on"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["amount"].required = self.fields["due_on"].required = False
        self.fields["amount"].help_text = _("Only where it was reached in part. The rest lapses.")
        self.fields["due_on"].help_text = _("Needed unless it was not reached.")


@admin.register(InstalmentFinding)
class InstalmentFindingAdmin(RoleAdmin):
    seen_by = (*WATCHING, Role.PREPARER, Role.APPROVER, Role.LEADER)
    added_by = (Role.PREPARER,)
    list_display = (
        "case", "part", "found", sum_of("amount", _("due in yuan")), "due_on", "prepared_by",
        "state",
    )  # fmt: skip
    list_filter = ("state", "found")
    search_fields = ("instalment__award__case_number",)
    change_list_template = "admin/keyset_list.html"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[InstalmentFinding]:
        return staging.findings_for(person(request))

    @admin.display(description=_("case"))
    def case(self, row: InstalmentFinding) -> str:
        return row.instalment.award.case_number

    @admin.display(description=_("instalment"))
    def part(self, row: InstalmentFinding) -> str:
        label = row.instalment.label
        return f"{row.instalment.number} · {pick(label)}" if label else str(row.instalment.number)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What waits in the person's bureaus; `?instalment=<id>` opens the form of one."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        waiting = staging.waiting_for(person(request))[:LISTED]
        context: dict[str, Any] = {"title": _("Find on a stage or evaluation"), "waiting": waiting}
        if not (asked := request.GET.get("instalment", "")):
            return self._page(request, "finding/form", context)
        rows = staging.open_to(person(request))
        part = get_object_or_404(rows, pk=int(asked) if asked.isdecimal() else 0)
        case = staging.case_of(part)
        if not interests.opens_to(case, person(request)):
            return self._undeclared(request, case)
        kind = WithdrawForm if part.due_kind == DueKind.DATE else FindForm
        context["title"] = kind.title
        initial = {"due_on": timezone.localdate()}
        form = kind(request.POST or None, request.FILES or None, initial=initial)
        if form.is_valid() and (made := self._made(request, part, form)):
            messages.success(request, _("Found; another of the bureau confirms it."))
            return redirect(PAGE, made.pk)
        parts = of_all_payers(part, paid=True)
        context |= {"part": part, "parts": parts, "case": case, "form": form}
        return self._page(request, "finding/form", context)

    def _made(
        self, request: HttpRequest, part: Instalment, form: WithdrawForm
    ) -> InstalmentFinding | None:
        given = {"found": Found.WITHDRAWN} | form.cleaned_data
        upload = given.pop("document")
        try:
            with keeping(upload, "document", person(request)) as paper:
                return staging.prepare(
                    instalment_id=part.pk, user=person(request), document=paper, **given
                )
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        row = get_object_or_404(self.get_queryset(request).select_related("document"), pk=pk)
        case = staging.case_of(row.instalment)
        if not interests.opens_to(case, person(request)):
            return self._undeclared(request, case)
        steps = opened(request, STEPS, _open_steps(request, row))
        if request.method == "POST" and taken(request, steps, finding_id=row.pk):
            return redirect(PAGE, row.pk)
        interests.log_reading(case, person(request), "desk")
        return self._page(
            request,
            "finding/page",
            {
                "title": f"{case.number} · {row.get_found_display()}",
                "row": row,
                "rows": together(row),
                "case": case,
                "steps": steps,
            },
        )

    def _undeclared(self, request: HttpRequest, case: Application) -> HttpResponse:
        messages.warning(request, _("Declare first whether you have an interest in this case."))
        return redirect("admin:reviews_application_change", case.pk)

    def _page(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        response = render(self, request, page, context)
        response.status_code = 422 if request.method == "POST" else 200
        return response


def _open_steps(request: HttpRequest, row: InstalmentFinding) -> list[str]:
    """Whoever prepared it is not offered to confirm it."""
    if row.state != FindingState.PREPARED:
        return []
    own = row.prepared_by_id == person(request).pk
    return [name for name in STEPS if not (own and name == "confirm")]
