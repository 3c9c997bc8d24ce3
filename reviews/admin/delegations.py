"""Delegations for an absence: set by oneself or the bureau's leader, ended by either."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from incentives.models import Bureau
from reviews.admin.access import RoleAdmin, holds, person
from reviews.domain import working_days
from reviews.domain.delegations import (
    colleagues,
    delegate,
    delegations_for,
    end_delegation,
    may_end,
)
from reviews.domain.roles import own_roles_of
from reviews.models import Delegation, StaffRole
from reviews.models.staff import BUREAU_ROLES, Role

LIST = "admin:reviews_delegation_changelist"


class DelegationForm(forms.Form):
    """Of one bureau; a leader sets it for others too."""

    absent = forms.ModelChoiceField(User.objects.none(), label=_("Who is away"), empty_label=None)
    deputy = forms.ModelChoiceField(User.objects.none(), label=_("Deputy"))
    starts_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("To and including"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, user: User, bureau: Bureau, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial = {"absent": user.pk, "starts_on": working_days.today()}
        here = colleagues(bureau)
        leads = own_roles_of(user).filter(role=Role.LEADER, bureau=bureau).exists()
        self._people("absent").queryset = here if leads else here.filter(pk=user.pk)
        self._people("deputy").queryset = here if leads else here.exclude(pk=user.pk)

    def _people(self, name: str) -> Any:
        return cast(Any, self.fields[name])

    def take(self, refused: ValidationError) -> None:
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused.messages)
            return
        for name, said in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, said)


@admin.register(Delegation)
class DelegationAdmin(RoleAdmin):
    seen_by = (*BUREAU_ROLES, Role.AUDITOR)
    added_by = tuple(BUREAU_ROLES)
    list_display = ("user", "deputy", "bureau", "starts_on", "ends_on", "standing", "made_by")
    list_select_related = ("user", "deputy", "bureau", "made_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delegation]:
        return delegations_for(person(request)).order_by("-id")

    @admin.display(description=_("state"))
    def standing(self, row: Delegation) -> str:
        return str(standing(row))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not holds(request, self.added_by):
            raise PermissionDenied
        bureaus = list(_bureaus(person(request)))
        bureau = _chosen(bureaus, request.GET.get("bureau", ""))
        form = DelegationForm(request.POST or None, user=person(request), bureau=bureau)
        if form.is_valid() and self._set(request, bureau, form):
            return redirect(LIST)
        context = {"form": form, "bureau": bureau, "bureaus": bureaus}
        return self._page(request, _("Set up a delegation"), context, form)

    def _set(self, request: HttpRequest, bureau: Bureau, form: DelegationForm) -> bool:
        try:
            delegate(bureau=bureau, user=person(request), **form.cleaned_data)
        except ValidationError as refused:
            form.take(refused)
            return False
        messages.success(request, _("The delegation is set; both are told."))
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        rows = self.get_queryset(request).select_related(*self.list_select_related)
        row = get_object_or_404(rows, pk=pk)
        if request.method == "POST":
            return self._end(request, row)
        open_to_me = _living(row) and may_end(row, person(request))
        context = {"row": row, "standing": standing(row), "may_end": open_to_me}
        return self._page(request, str(row), context)

    def _end(self, request: HttpRequest, row: Delegation) -> HttpResponse:
        try:
            end_delegation(delegation_id=row.pk, user=person(request))
        except ValidationError as refused:
            messages.warning(request, " ".join(refused.messages))
        else:
            messages.success(request, _("The delegation has ended; its deputy acts no longer."))
        return redirect(LIST)

    def _page(
        self, request: HttpRequest, title: Any, more: dict[str, Any], form: Any = None
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": title} | more
        status = 422 if form is not None and form.errors else 200
        return TemplateResponse(
            request, "admin/reviews/delegation/delegation.html", context, status=status
        )


def standing(row: Delegation) -> Any:
    if row.ended_at:
        return _("ended early")
    if row.ends_on < working_days.today():
        return _("over")
    return _("ahead") if row.starts_on > working_days.today() else _("running")


def _living(row: Delegation) -> bool:
    return row.ended_at is None and row.ends_on >= working_days.today()


def _bureaus(user: User) -> QuerySet[Bureau]:
    held = StaffRole.objects.filter(user=user, is_active=True, bureau__isnull=False)
    return Bureau.objects.filter(pk__in=held.values("bureau")).order_by("pk")


def _chosen(bureaus: list[Bureau], code: str) -> Bureau:
    """The bureau named, else the person's first; a role lent alone sets nothing up."""
    if not bureaus:
        raise PermissionDenied
    return next((one for one in bureaus if one.code == code), bureaus[0])
