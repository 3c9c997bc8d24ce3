"""Paying: what is due, batches and their steps, files, and the bank's answers."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from applicants.domain.errors import Refused, told_of_crossing
from applicants.models import City, District, User
from incentives.domain import credit
from incentives.domain.credit_lists import lists_of
from incentives.domain.holds import holds_on
from incentives.domain.netting import nettable
from incentives.domain.payout_files import transfer_of
from incentives.domain.payout_lines import lowered, withheld_before
from incentives.domain.payouts import count_by_district, due_instalments, due_of_districts
from incentives.models import Instalment, PayoutBatch, PayoutFile, PayoutLine, Recovery
from incentives.models.payout import BatchState, LineState, Payer
from incentives.models.recovery import RecoveryState
from incentives.policy.scalars import money
from incentives.policy.text import BadValue
from reviews.admin import bank_results, printing, settling
from reviews.admin.access import RoleAdmin, cities, holds
from reviews.admin.confirmed_anew import confirmed_anew
from reviews.admin.money_pages import FINANCE, WATCHING, render, tell_refusal
from reviews.admin.paging import KeysetList
from reviews.domain import paying, working_days
from reviews.models.staff import Role

LIST = "admin:incentives_payoutbatch_changelist"
BATCH = "admin:incentives_payoutbatch_change"
MOST_AT_ONCE = 1000
UNPAID = (BatchState.PREPARED, BatchState.APPROVED)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class DueForm(forms.Form):
    """Which of what is owed to list."""

    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)
    until = forms.DateField(
        label=_("Due by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("A later day lists, and pays, what falls due until then too."),
    )
    district = forms.ModelChoiceField(
        District.objects.none(),
        label=_("Payer"),
        required=False,
        empty_label=_("city level"),
        help_text=_("A batch is of the city's money or of one district's."),
    )

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]
        districts = District.objects.filter(city__in=own)
        self.fields["district"].queryset = districts  # type: ignore[attr-defined]

    def clean_district(self) -> District | None:
        district: District | None = self.cleaned_data["district"]
        city = self.cleaned_data.get("city")
        if district and city and district.city_id != city.pk:
            raise ValidationError(_("Choose a district of %s.") % city)
        return district


@admin.register(PayoutBatch)
class PayoutBatchAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (Role.FINANCE_PREPARER,)
    change_list_template = "admin/keyset_list.html"
    list_display = (
        "number",
        "state",
        "whose",
        "line_count",
        "total",
        "prepared_by",
        "prepared_at",
        "approved_by",
    )
    list_filter = ("state", "payer")
    list_select_related = ("city", "district", "prepared_by", "approved_by")
    search_fields = ("number", "lines__instalment__award__case_number")
    search_help_text = _("A batch number or a case number.")

    @admin.display(description=_("payer"), ordering="district")
    def whose(self, batch: PayoutBatch) -> str:
        return batch.whose

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("<int:pk>/step/<slug:step>/", site(require_POST(self.act)), name="payout_step"),
            path("file/<int:pk>/", site(self.download), name="payout_file"),
            path("<int:pk>/results/", site(self.results), name="payout_results"),
            path("<int:pk>/approval.pdf", site(self.approval), name="payout_approval"),
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The list of what is due; what is ticked goes into a new batch."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        asked = {"city": own[0].pk, "until": working_days.today()} | request.GET.dict()
        form = DueForm(asked, own=own)
        if not form.is_valid():
            return self._due(request, form, [])
        asked_for = form.cleaned_data
        due = due_instalments(asked_for["city"], asked_for["until"], asked_for["district"])
        rows = _with_holds(list(due[:MOST_AT_ONCE]))
        if request.method != "POST":
            return self._due(request, form, rows)
        return self._prepare(request, form, rows)

    def _prepare(self, request: HttpRequest, form: DueForm, rows: list[Instalment]) -> HttpResponse:
        ticked: list[int] = []
        try:
            ticked = _ticked(request, form.cleaned_data["city"], rows)
            with told_of_crossing():
                batch = paying.prepare(
                    city=form.cleaned_data["city"],
                    district=form.cleaned_data["district"],
                    instalment_ids=ticked,
                    user=_user(request),
                    net=[int(pk) for pk in request.POST.getlist("net") if pk.isdecimal()],
                    withheld=_taxes(request, ticked),
                    why_less={pk: request.POST.get(f"less-{pk}", "") for pk in ticked},
                    until=form.cleaned_data["until"],
                )
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
            return self._due(request, form, _with_holds(rows), ticked)
        messages.success(request, _("The batch is prepared; another person approves it."))
        return redirect(BATCH, batch.pk)

    def _due(
        self,
        request: HttpRequest,
        form: DueForm,
        rows: list[Instalment],
        ticked: list[int] | None = None,
    ) -> HttpResponse:
        context = {
            "title": _("What is due"),
            "form": form,
            "districts": _districts(form),
            "rows": [_typed(row, request) for row in rows],
            "ticked": ticked or [],
            "all": "all" in request.POST,
            "total": sum(row.amount for row in rows),
            "held": sum(bool(row.held_by) for row in rows),  # type: ignore[attr-defined]
            "credit": lists_of(form.cleaned_data["city"]) if form.is_valid() else None,
            "most": MOST_AT_ONCE if len(rows) == MOST_AT_ONCE else None,
        }
        return render(self, request, "payoutbatch/due", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        return self._page(request, self._seen(request, int(object_id)))

    def _seen(self, request: HttpRequest, pk: int) -> PayoutBatch:
        related = ("city", "district", "prepared_by", "approved_by")
        rows = self.get_queryset(request).select_related(*related)
        batch: PayoutBatch = get_object_or_404(rows, pk=pk)
        return batch

    def _page(self, request: HttpRequest, batch: PayoutBatch) -> HttpResponse:
        context = {
            "title": batch.number,
            "batch": batch,
            "sums": batch.lines.values("state").annotate(count=Count("pk"), total=Sum("amount")),
            "transfer": transfer_of(batch),
            "files": batch.files.order_by("format"),
            "lowered": lowered(batch),
            "may": _may(request, batch),
            "credit": lists_of(batch.city) if batch.state in UNPAID else None,
            **settling.page_of(batch, request),
        }
        return render(self, request, "payoutbatch/batch", context)

    @confirmed_anew("approve", "export")
    def act(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        batch = self._seen(request, pk)
        if step not in STEPS:
            raise Http404(step)
        verb, done = STEPS[step]
        try:
            with told_of_crossing():
                verb(request, batch)
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
            return self._page(request, self._seen(request, pk))
        messages.success(request, done)
        return redirect(reverse(BATCH, args=[pk]))

    def approval(self, request: HttpRequest, pk: int) -> HttpResponse:
        return printing.batch_pdf(request, self._seen(request, pk))

    def results(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self._seen(request, pk)
        if not holds(request, FINANCE):
            raise PermissionDenied
        return bank_results.page(request, batch, partial(render, self, request), BATCH)

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        batches = self.get_queryset(request)
        file = get_object_or_404(PayoutFile.objects.filter(batch__in=batches), pk=pk)
        content = paying.download(file=file, user=_user(request))
        headers = {
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "no-store",
        }
        return HttpResponse(content, content_type=TYPES[file.format], headers=headers)


def _districts(form: DueForm) -> dict[District, int]:
    """Those whose money is due and not listed, with the number of instalments."""
    if not form.is_valid():
        return {}
    asked = form.cleaned_data
    due = due_of_districts(asked["city"], asked["until"])
    counts = count_by_district(due).items()
    return {district: count for district, count in counts if district != asked["district"]}


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _with_holds(rows: list[Instalment]) -> list[Instalment]:
    held, listed = holds_on(rows), credit.unseen(rows)
    owing = set(
        Recovery.objects.filter(state=RecoveryState.DEMANDED).values_list(
            Coalesce("party__successor", "party"), flat=True
        )
    )
    lines = PayoutLine.objects.filter(instalment__in=rows, state=LineState.RETURNED).order_by("id")
    returned = {line.instalment_id: line for line in lines.select_related("account")}
    owed: dict[tuple[int, City, District | None], Decimal] = {}
    taxed = withheld_before(rows)
    for row in rows:
        row.tax = taxed.get(row.pk, "")  # type: ignore[attr-defined]
        row.returned = returned.get(row.pk)  # type: ignore[attr-defined]
        row.held_by = held.get(row.pk, [])  # type: ignore[attr-defined]
        said = {one.listing_id for one in held.get(row.pk, [])}
        found = [one.listing for one in listed.get(row.pk, [])]
        row.listed = [one for one in found if one.pk not in said]  # type: ignore[attr-defined]
        payee = row.payee.successor_id or row.payee_id
        district = row.award.district if row.payer == Payer.DISTRICT else None
        whose = (payee, row.award.city, district)
        if payee in owing and whose not in owed:
            owed[whose] = nettable(*whose)
        row.owes = owed.get(whose)  # type: ignore[attr-defined]
    return rows


def _typed(row: Instalment, request: HttpRequest) -> Instalment:
    """With what was ticked and typed beside it, so that a refusal loses nothing."""
    row.net = str(row.pk) in request.POST.getlist("net")  # type: ignore[attr-defined]
    row.before = row.tax  # type: ignore[attr-defined]
    row.tax = request.POST.get(f"withheld-{row.pk}", row.tax)  # type: ignore[attr-defined]
    row.less = request.POST.get(f"less-{row.pk}", "")  # type: ignore[attr-defined]
    return row


def _taxes(request: HttpRequest, ticked: list[int]) -> dict[int, Decimal]:
    """The tax typed beside the payments to persons, in yuan."""
    typed = {pk: request.POST.get(f"withheld-{pk}", "").strip() for pk in ticked}
    try:
        return {pk: money(tax) for pk, tax in typed.items() if tax}
    except BadValue as error:
        raise Refused({"withheld": _("Write the tax in yuan, such as 160.00.")}) from error


def _ticked(request: HttpRequest, city: City, rows: list[Instalment]) -> list[int]:
    """All that are listed are those that nothing holds once whoever has bad credit is held."""
    if request.POST.get("all") == "on":
        paying.hold_listed(city=city, instalments=rows, user=_user(request))
        held = holds_on(rows)
        return [row.pk for row in rows if row.pk not in held]
    return [int(pk) for pk in request.POST.getlist("instalment") if pk.isdecimal()]


def _may(request: HttpRequest, batch: PayoutBatch) -> set[str]:
    """The steps to show; the verbs decide again."""
    if not holds(request, FINANCE):
        return set()
    prepared = batch.state == BatchState.PREPARED
    approver = holds(request, (Role.FINANCE_APPROVER,))
    steps = {
        "approve": prepared and approver and batch.prepared_by_id != request.user.pk,
        "cancel": batch.state in (BatchState.PREPARED, BatchState.APPROVED),
        "export": batch.state == BatchState.APPROVED,
        "download": batch.state in (BatchState.EXPORTED, BatchState.SETTLED),
        "settle": batch.state in (BatchState.EXPORTED, BatchState.SETTLED),
    }
    return {step for step, open_ in steps.items() if open_}


def _approve(request: HttpRequest, batch: PayoutBatch) -> object:
    return paying.approve(batch_id=batch.pk, user=_user(request))


def _cancel(request: HttpRequest, batch: PayoutBatch) -> object:
    reason = request.POST.get("reason", "")
    return paying.cancel(batch_id=batch.pk, user=_user(request), reason=reason)


def _export(request: HttpRequest, batch: PayoutBatch) -> object:
    return paying.export(batch_id=batch.pk, user=_user(request))


def _settle(request: HttpRequest, batch: PayoutBatch) -> object:
    results = settling.read(batch, request.POST)
    return paying.settle(batch_id=batch.pk, results=results, user=_user(request))


Verb = Callable[[HttpRequest, PayoutBatch], object]
STEPS: dict[str, tuple[Verb, Any]] = {
    "approve": (_approve, _("The batch is approved and may be exported.")),
    "cancel": (_cancel, _("The batch is cancelled; its instalments are due again.")),
    "export": (_export, _("The files are written; every download gives the same bytes.")),
    "settle": (_settle, _("The bank's answers are recorded.")),
}
