"""The desk of finance for money that is asked back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incentives.domain.recoveries import open_amount, written_off
from incentives.models import Recovery
from incentives.models.recovery import RecoveryState
from reviews.admin.access import RoleAdmin, holds, person
from reviews.admin.confirmed_anew import confirmed_anew
from reviews.admin.money_pages import FINANCE, WATCHING, render
from reviews.admin.paging import KeysetList
from reviews.domain import recovering
from reviews.models import Application
from reviews.models.staff import Role

PAGE = "admin:incentives_recovery_change"


class Step(forms.Form):
    """A step of a recovery, able to show what the verb refused beside its field."""

    def take(self, refused: ValidationError | PermissionDenied) -> None:
        if not hasattr(refused, "error_dict"):
            self.add_error(None, getattr(refused, "messages", [str(refused)]))
            return
        for name, said in refused.message_dict.items():  # type: ignore[union-attr]
            self.add_error(name if name in self.fields else None, said)


def amount_field() -> forms.DecimalField:
    least = Decimal("0.01")
    return forms.DecimalField(
        label=_("Amount (yuan)"), max_digits=16, decimal_places=2, min_value=least
    )


def day_field(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})  # as browsers read it
    return forms.DateField(
        label=label, widget=widget, error_messages={"required": _("Choose a day.")}
    )


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


class EnterForm(Step):
    amount = amount_field()
    received_on = day_field(_("Received on"))
    reference = forms.CharField(label=_("Reference on the bank statement"), max_length=120)


class ReasonForm(Step):
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


Verb = Callable[..., Recovery]
PREPARER, APPROVER = Role.FINANCE_PREPARER, Role.FINANCE_APPROVER
# Each step: in which state, by whom, its words, its form and its verb.
STEPS: dict[str, tuple[str, tuple[Role, ...], Any, type[Step], Verb]] = {
    "demand": (
        RecoveryState.PREPARED,
        (APPROVER,),
        _("Sign the demand"),
        Step,
        recovering.demand,
    ),
    "cancel": (
        RecoveryState.PREPARED,
        FINANCE,
        _("Drop the recovery"),
        ReasonForm,
        recovering.cancel,
    ),
    "enter": (
        RecoveryState.DEMANDED,
        (PREPARER,),
        _("Enter money that came back"),
        EnterForm,
        recovering.enter,
    ),
    "ask_write_off": (
        RecoveryState.DEMANDED,
        (PREPARER,),
        _("Ask to write off the rest"),
        ReasonForm,
        recovering.ask_write_off,
    ),
    "write_off": (
        RecoveryState.DEMANDED,
        (APPROVER,),
        _("Write off the rest"),
        Step,
        recovering.write_off,
    ),
}


@admin.register(Recovery)
class RecoveryAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (PREPARER,)
    list_display = ("number", "case", "party", "amount", "state", "due_on")
    list_filter = ("state",)
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

    @confirmed_anew("write_off")
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        row = get_object_or_404(self.get_queryset(request), pk=int(object_id))
        forms_ = {name: self._form(request, name) for name in self._open_steps(request, row)}
        step = request.POST.get("step", "")
        if request.method == "POST" and self._taken(request, row, step, forms_.get(step)):
            return redirect(PAGE, row.pk)
        context = {
            "title": row.number,
            "row": row,
            "case": recovering.case_of(row.pk),
            "open_amount": open_amount(row),
            "entries": row.entries.select_related("recorded_by", "prepared_by"),
            "steps": [(name, STEPS[name][2], form) for name, form in forms_.items()],
        }
        response = render(self, request, "recovery/page", context)
        response.status_code = 422 if request.method == "POST" else 200
        return response

    def _open_steps(self, request: HttpRequest, row: Recovery) -> list[str]:
        taken = {
            name
            for name, (state, *_rest) in STEPS.items()
            if row.state == state and (name != "write_off" or row.write_off_asked_by_id)
        }
        if row.state == RecoveryState.SETTLED and written_off(row):
            taken.add("enter")  # the money comes after all
        return [name for name in STEPS if name in taken and holds(request, STEPS[name][1])]

    def _form(self, request: HttpRequest, name: str) -> Step:
        posted = request.POST if request.POST.get("step") == name else None
        initial = {"received_on": timezone.localdate()}
        return STEPS[name][3](posted, prefix=name, initial=initial)

    def _taken(self, request: HttpRequest, row: Recovery, step: str, form: Step | None) -> bool:
        if form is None:
            messages.error(request, _("This step is not open now; reload the page."))
            return False
        if not form.is_valid():
            return False
        try:
            STEPS[step][4](recovery_id=row.pk, user=person(request), **form.cleaned_data)
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return False
        messages.success(request, _("Done: %s.") % STEPS[step][2])
        return True
