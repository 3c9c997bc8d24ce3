"""The desk of the registry: changes of organisations, prepared by one and made by another."""

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.models import City, PartyChange
from applicants.models.party_change import ChangeState
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.money_pages import tell_refusal
from reviews.admin.window_forms import ChangeForm
from reviews.domain import party_changes
from reviews.domain.party_changes import MAKING, PREPARING
from reviews.models.staff import Role

LIST = "admin:applicants_partychange_changelist"
PAGE = "admin:applicants_partychange_change"
BESIDE = ("city", "party", "successor", "prepared_by", "made_by", "document")


@admin.register(PartyChange)
class PartyChangeAdmin(RoleAdmin):
    seen_by = (*MAKING, Role.AUDITOR)
    added_by = PREPARING
    list_display = (
        "party", "kind", "name_before", "name_after", "successor", "effective_on", "state",
        "prepared_by", "made_by",
    )  # fmt: skip
    list_filter = ("state", "kind")
    list_select_related = BESIDE
    search_fields = ("party__name", "party__uscc", "name_before", "successor__name")
    search_help_text = _("A part of a name, former ones too, or of the credit code.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartyChange]:
        return party_changes.changes_for(person(request))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, PREPARING))
        start = {"effective_on": timezone.localdate()}
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ChangeForm(*posted, own=own, initial=start)
        if form.is_valid():
            try:
                change = self._prepare(request, form.cleaned_data)
            except ValidationError as refused:
                form.take(refused)
            else:
                messages.success(request, _("Prepared; another person makes the change."))
                return redirect(PAGE, change.pk)
        context = {"title": _("Prepare a change of an organisation"), "form": form}
        return self._page(request, "form", context, failed=form.is_bound)

    def _prepare(self, request: HttpRequest, given: dict[str, Any]) -> PartyChange:
        user, city = person(request), given["city"]
        document = party_changes.keep_basis(city=city, upload=given["file"], user=user)
        return party_changes.prepare(
            city=city,
            kind=given["kind"],
            party=given["code"],
            successor=given["successor_code"],
            name_after=given["name_after"],
            effective_on=given["effective_on"],
            cases=given["cases"].split(),
            share=given["share"] or Decimal(0),
            ends=given["ends"],
            basis=given["basis"],
            document=document,
            user=user,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        rows = self.get_queryset(request).select_related(*BESIDE)
        change = get_object_or_404(rows, pk=int(object_id))
        if request.method == "POST":
            self._step(request, change)
            return redirect(PAGE, change.pk)
        user = person(request)
        waiting = change.state == ChangeState.PREPARED
        makes = party_changes.may(user, change.city, MAKING)
        prepared = change.prepared_by_id == user.pk
        context = {
            "title": str(change),
            "change": change,
            "may_make": waiting and makes and not prepared,
            "may_cancel": waiting and (makes or prepared),
            "waits": waiting and prepared,
        }
        return self._page(request, "change", context)

    def _step(self, request: HttpRequest, change: PartyChange) -> None:
        user = person(request)
        try:
            if request.POST.get("step") == "make":
                party_changes.make(change_id=change.pk, user=user)
                messages.success(request, _("The change is made; cases and history have passed."))
            else:
                reason = request.POST.get("reason", "")
                party_changes.cancel(change_id=change.pk, reason=reason, user=user)
                messages.success(request, _("The change is dropped."))
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)

    def _page(
        self, request: HttpRequest, page: str, context: dict[str, Any], *, failed: bool = False
    ) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        template = f"admin/reviews/partychange/{page}.html"
        return TemplateResponse(request, template, whole, status=422 if failed else 200)
