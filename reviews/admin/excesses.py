"""Excesses of caps: asked by the leader of a case's bureau, signed or declined by finance."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.models import CapExcess
from incentives.models.counter import Unit
from incentives.policy.keys import CapRequest
from reviews.admin.access import RoleAdmin, holds, person
from reviews.admin.confirmed_anew import confirmed_anew
from reviews.admin.money_pages import WATCHING, render, tell_refusal
from reviews.admin.paging import KeysetList
from reviews.admin.steps import Step
from reviews.domain import exceeding, interests
from reviews.domain.queries import cases_for_staff
from reviews.models import Application
from reviews.models.staff import Role

PAGE = "admin:incentives_capexcess_change"


def in_unit(row: CapExcess) -> str:
    return yuan(row.amount) if row.unit == Unit.YUAN else f"{row.amount:.0f} {Unit.AWARDS.label}"


class AskForm(Step):
    cap = forms.ChoiceField(label=_("Cap"), widget=forms.RadioSelect)
    amount = forms.DecimalField(
        label=_("Excess"),
        max_digits=16,
        decimal_places=2,
        help_text=_("In yuan, or in awards where the cap counts awards."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("On whose decision, with its number, and why this case alone."),
    )

    def __init__(self, *args: Any, caps: list[CapRequest], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(one.cap_id, pick(one.label)) for one in caps if not one.printed]
        self.fields["cap"].choices = choices  # type: ignore[attr-defined]


@admin.register(CapExcess)
class CapExcessAdmin(RoleAdmin):
    seen_by = (*WATCHING, Role.LEADER)
    added_by = (Role.LEADER,)
    list_display = ("case_number", "cap", "excess", "asked_by", "asked_at", "state")
    change_list_template = "admin/keyset_list.html"
    search_fields = ("case_number",)

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[CapExcess]:
        return exceeding.excesses_for(person(request)).select_related("declined_by")

    @admin.display(description=_("excess"))
    def excess(self, row: CapExcess) -> str:
        return in_unit(row)

    @admin.display(description=_("state"))
    def state(self, row: CapExcess) -> str | Promise:
        if row.lapsed_at:
            return _("lapsed")
        if row.approved_by_id:
            return _("approved")
        return _("declined") if row.declined_by_id else _("waits for finance")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Of the case `?case=<number>`; the case's own page leads here."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "case" not in request.GET:
            return self._page(request, "capexcess/form", {"title": _("Ask to exceed a cap")})
        case = self._case(request)
        caps = exceeding.caps_of(case)
        form = AskForm(request.POST or None, caps=caps)
        if form.is_valid():
            wish = exceeding.Wish(**form.cleaned_data)
            try:
                made = exceeding.ask(case_id=case.pk, wish=wish, user=person(request))
            except (ValidationError, PermissionDenied) as refused:
                form.take(refused)
            else:
                messages.success(request, _("Asked for; a finance approver signs or declines it."))
                return redirect(PAGE, made.pk)
        context = {
            "title": _("Ask to exceed a cap"),
            "form": form,
            "case": case,
            "printed": [one.label for one in caps if one.printed],
        }
        return self._page(request, "capexcess/form", context)

    def _case(self, request: HttpRequest) -> Application:
        number = request.GET.get("case", "")
        case = cases_for_staff(person(request)).filter(number=number).first()
        if case is None or not interests.opens_to(case, person(request)):
            raise Http404(number)
        return case

    @confirmed_anew("approve")
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method == "POST" and self._decided(request, row):
            return redirect(PAGE, row.pk)
        open_now = not (row.approved_by_id or row.declined_by_id or row.lapsed_at)
        context = {
            "title": str(row.case_number),
            "row": row,
            "excess": in_unit(row),
            "state": self.state(row),
            "decides": open_now and holds(request, (Role.FINANCE_APPROVER,)),
        }
        return self._page(request, "capexcess/page", context)

    def _decided(self, request: HttpRequest, row: CapExcess) -> bool:
        try:
            if request.POST.get("step") == "approve":
                exceeding.approve(excess_id=row.pk, user=person(request))
            else:
                reason = request.POST.get("reason", "")
                exceeding.decline(excess_id=row.pk, reason=reason, user=person(request))
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
            return False
        return True

    def _page(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        response = render(self, request, page, context)
        response.status_code = 422 if request.method == "POST" else 200
        return response
