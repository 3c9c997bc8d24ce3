"""The registry: bureaus' lists looked through and taken in, and the records that they make."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from applicants.domain.uploads import LARGEST
from incentives.models import Bureau, RegistryImport
from incentives.models.registry import ImportKind, ImportState
from reviews.admin.access import RoleAdmin, cities, held, person
from reviews.admin.money_pages import FINANCE, render, tell_refusal
from reviews.admin.paging import KeysetList
from reviews.admin.registry_pages import preview
from reviews.admin.registry_template import template_file
from reviews.domain import sweeps_lists
from reviews.models.staff import Role

CITY_WIDE = (Role.POLICY_EDITOR, Role.AUDITOR)
BUREAU = (Role.PREPARER, Role.APPROVER)
LIST = "admin:incentives_registryimport_changelist"
PAGE = "admin:incentives_registryimport_change"
DONE = {
    "take": _("The list is taken in; it counts from now on."),
    "discard": _("The list is discarded; nothing of it counts."),
}


class ListForm(forms.Form):
    bureau = forms.ModelChoiceField(Bureau.objects.none(), label=_("Bureau"), empty_label=None)
    kind = forms.ChoiceField(
        label=_("What the list holds"), choices=ImportKind.choices, widget=forms.RadioSelect
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_("Document or list it comes from, such as a number."),
    )
    as_of = forms.DateField(label=_("As of"), widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(
        label=_("File"), help_text=_("XLSX or CSV, at most 20 MB and 100,000 rows.")
    )

    def __init__(self, *args: Any, own: QuerySet[Bureau], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["bureau"].queryset = own  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs = {"accept": ".xlsx,.csv", "data-most": str(LARGEST)}

    def take(self, refused: ValidationError) -> None:
        told = refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}
        for name, words in told.items():
            self.add_error(name if name in self.fields else None, words)


@admin.register(RegistryImport)
class RegistryImportAdmin(RoleAdmin):
    seen_by = (*CITY_WIDE, Role.APPROVER, Role.FINANCE_APPROVER)
    added_by = (Role.POLICY_EDITOR, Role.PREPARER, Role.FINANCE_PREPARER)
    change_list_template = "admin/keyset_list.html"
    list_display = (
        "file_name",
        "kind",
        "bureau",
        "as_of",
        "row_count",
        "fault_count",
        "state",
        "uploaded_by",
        "applied_by",
    )
    list_filter = ("state", "kind")
    list_select_related = ("bureau", "uploaded_by", "applied_by")
    search_fields = ("file_name", "source")

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegistryImport]:
        """Editors and auditors see the city's lists, others those of their bureaus."""
        own = [role.bureau_id for role in held(request) if role.role in BUREAU]
        rows: QuerySet[RegistryImport] = super().get_queryset(request)
        books = Q(city__in=cities(request, FINANCE), kind__in=sweeps_lists.MONEY)
        return rows.filter(Q(city__in=cities(request, CITY_WIDE)) | Q(bureau__in=own) | books)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("template/<slug:kind>.<slug:form>", site(self.template), name="list_template"),
            path("<int:pk>/step/<slug:step>/", site(require_POST(self.act)), name="list_step"),
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = sweeps_lists.bureaus_to_bring_for(person(request)).select_related("city")
        start = {"as_of": timezone.localdate(), "kind": ImportKind.FACTS}
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ListForm(*posted, own=own, initial=start)
        if form.is_valid():
            try:
                found = self._bring(request, form.cleaned_data)
            except ValidationError as refused:
                form.take(refused)
            else:
                return redirect(PAGE, found.pk)
        context = {"title": _("Bring a list"), "form": form, "kinds": ImportKind}
        return render(self, request, "registryimport/form", context)

    def _bring(self, request: HttpRequest, given: dict[str, Any]) -> RegistryImport:
        return sweeps_lists.bring_list(
            bureau=given["bureau"],
            kind=given["kind"],
            upload=given["file"],
            source=given["source"],
            as_of=given["as_of"],
            user=person(request),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        return self._page(request, int(object_id))

    def _page(self, request: HttpRequest, pk: int) -> HttpResponse:
        related = ("city", "bureau", "uploaded_by", "applied_by")
        rows = self.get_queryset(request).select_related(*related)
        found = get_object_or_404(rows, pk=pk)
        waiting = found.state == ImportState.PREVIEWED
        context = {
            "title": found.file_name,
            "found": found,
            "of_finance": found.kind in sweeps_lists.MONEY,
            "may_take": waiting and sweeps_lists.may_take(found, person(request)),
            "may_discard": waiting and sweeps_lists.may_discard(found, person(request)),
            **preview(request, found),
        }
        return render(self, request, "registryimport/list", context)

    def act(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        found = get_object_or_404(self.get_queryset(request).select_related("bureau"), pk=pk)
        verbs = {"take": sweeps_lists.take_list, "discard": sweeps_lists.discard_list}
        if step not in verbs:
            raise Http404(step)
        try:
            verbs[step](found=found, user=person(request))
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
        else:
            messages.success(request, DONE[step])
        return redirect(PAGE, pk)

    def template(self, request: HttpRequest, kind: str, form: str) -> HttpResponse:
        """An empty list to fill in: every column there is, for the cities of the person."""
        if kind not in ImportKind.values or form not in ("csv", "xlsx"):
            raise Http404(kind)
        own = sorted(cities(request, self.everybody()))
        if not own:
            raise PermissionDenied
        asked = request.GET.get("city", own[0])
        city = asked if asked in own else own[0]
        return template_file(kind, form, city, request.GET.get("programme", ""))
