"""The desk of finance for money that is asked back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import told_of_crossing
from applicants.templatetags.huiqi import yuan
from incentives.domain import receipts
from incentives.domain.recoveries import open_amount, written_off
from incentives.models import ReceiptReversal, Recovery
from incentives.models.recovery import RecoveryState
from incentives.models.reversal import ReversalState
from reviews.admin.access import RoleAdmin, person
from reviews.admin.confirmed_anew import confirmed_anew
from reviews.admin.money_pages import FINANCE, WATCHING, render
from reviews.admin.paging import KeysetList
from reviews.admin.steps import Doing, ReasonForm, Step, amount_field, day_field, opened, taken
from reviews.domain import recovering
from reviews.models import Application
from reviews.models.staff import Role

PAGE = "admin:incentives_recovery_change"


class PrepareForm(Step):
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    amount = amount_field()
    due_on = day_field(_("To be paid back by"))
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_case_number(self) -> Application:
        number = self.cleaned_data["case_number"].strip()
        case = Application.objects.filter(number=number).first()
        if case is None:
            raise ValidationError(_("There is no case with this number."))
        return case


class ReverseForm(ReasonForm):
    field_order = ("receipt", "reason", "evidence")
    receipt = forms.TypedChoiceField(label=_("Wrong receipt"), coerce=int)
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What shows it, such as the page of the bank statement."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["receipt"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.received_on:%Y-%m-%d} · {yuan(one.amount)} · {one.reference}")
            for one in self.initial["receipts"]
        ]


class ShownForm(Step):
    """The reversal that the person was shown, not one that was prepared since."""

    reversal = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={"required": _("This reversal is decided already; reload the page.")},
    )


class DropForm(ShownForm, ReasonForm):
    pass


class EnterForm(Step):
    amount = amount_field()
    received_on = day_field(_("Received on"))
    reference = forms.CharField(label=_("Reference on the bank statement"), max_length=120)


PREPARER, APPROVER = Role.FINANCE_PREPARER, Role.FINANCE_APPROVER
STEPS = {
    "demand": Doing((APPROVER,), _("Sign the demand"), recovering.demand),
    "cancel": Doing(FINANCE, _("Drop the recovery"), recovering.cancel, ReasonForm, danger=True),
    "enter": Doing((PREPARER,), _("Enter money that came back"), recovering.enter, EnterForm),
    "ask_write_off": Doing(
        (PREPARER,), _("Ask to write off the rest"), recovering.ask_write_off, ReasonForm
    ),
    "reverse": Doing(
        (PREPARER,), _("Reverse a receipt"), recovering.prepare_reversal, ReverseForm, danger=True
    ),
    "approve_reversal": Doing(
        (APPROVER,),
        _("Approve the reversal of the receipt"),
        recovering.approve_reversal,
        ShownForm,
        danger=True,
    ),
    "drop_reversal": Doing(
        FINANCE, _("Drop the reversal of the receipt"), recovering.drop_reversal, DropForm
    ),
    "write_off": Doing((APPROVER,), _("Write off the rest"), recovering.write_off, danger=True),
}


class ReversalWaits(admin.SimpleListFilter):
    title = _("reversal of a receipt")
    parameter_name = "reversal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waits", _("waits for its second signature"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Recovery]) -> QuerySet[Recovery]:
        waits = ReceiptReversal.objects.filter(
            receipt__recovery=OuterRef("pk"), state=ReversalState.PREPARED
        )
        return rows.filter(Exists(waits)) if self.value() == "waits" else rows


@admin.register(Recovery)
class RecoveryAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (PREPARER,)
    list_display = ("number", "case", "party", "amount", "state", "due_on")
    list_filter = ("state", ReversalWaits)
    search_fields = ("number", "award__case_number", "party__name", "party__uscc")
    change_list_template = "admin/keyset_list.html"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recovery]:
        return recovering.recoveries_for(person(request))

    @admin.display(description=_("case"))
    def case(self, row: Recovery) -> str:
        return row.award.case_number

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PrepareForm(request.POST or None, initial={"case_number": request.GET.get("case")})
        if form.is_valid():
            given = dict(form.cleaned_data)
            case = given.pop("case_number")
            try:
                with told_of_crossing():
                    made = recovering.prepare(case_id=case.pk, user=person(request), **given)
            except (ValidationError, PermissionDenied) as refused:
                form.take(refused)
            else:
                messages.success(request, _("Prepared; another of finance signs the demand."))
                return redirect(PAGE, made.pk)
        context = {"title": _("Prepare a recovery"), "form": form}
        response = render(self, request, "recovery/form", context)
        response.status_code = 422 if form.errors else 200
        return response

    @confirmed_anew("write_off", "approve_reversal")
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        row = get_object_or_404(self.get_queryset(request), pk=int(object_id))
        found, waits = receipts.receipts(row), receipts.waiting(row)
        names = _open_steps(row) + _reversing(request, waits, open_=found.exists())
        today = timezone.localdate()
        initial = {"received_on": today, "receipts": found, "reversal": waits and waits.pk}
        steps = opened(request, STEPS, names, **initial)
        if request.method == "POST" and taken(request, steps, recovery_id=row.pk):
            return redirect(PAGE, row.pk)
        context = {
            "title": row.number,
            "row": row,
            "case": recovering.case_of(row.pk),
            "open_amount": open_amount(row),
            "entries": row.entries.select_related("recorded_by", "prepared_by", "reversed_by"),
            "waits": waits,
            "steps": steps,
        }
        response = render(self, request, "recovery/page", context)
        response.status_code = 422 if request.method == "POST" else 200
        return response


def _open_steps(row: Recovery) -> list[str]:
    if row.state == RecoveryState.PREPARED:
        return ["demand", "cancel"]
    if row.state == RecoveryState.DEMANDED:
        return ["enter", "write_off" if row.write_off_asked_by_id else "ask_write_off"]
    comes_after_all = row.state == RecoveryState.SETTLED and written_off(row)
    return ["enter"] if comes_after_all else []


def _reversing(request: HttpRequest, waits: ReceiptReversal | None, *, open_: bool) -> list[str]:
    """Whoever prepared the reversal that waits is not offered to approve it."""
    if waits is None:
        return ["reverse"] if open_ else []
    own = waits.prepared_by_id == person(request).pk
    return ["drop_reversal"] if own else ["approve_reversal", "drop_reversal"]
