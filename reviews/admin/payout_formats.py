"""Payout formats at the desk: their columns, what they make of samples, and a new version."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from incentives.domain.payout_columns import SOURCES
from incentives.domain.payout_formats import definition_of, faults, read_definition
from incentives.domain.payout_samples import sample_file, sample_table
from incentives.models import PayoutFile, PayoutFormat
from reviews.admin.access import RoleAdmin, cities, holds, person
from reviews.admin.money_pages import render
from reviews.admin.steps import Step
from reviews.domain import payout_layouts
from reviews.domain.payout_layouts import EDITOR
from reviews.presenters.export_file import TYPES

PAGE = "admin:incentives_payoutformat_change"
LATEST = 50
LARGEST = 100_000  # bytes of an uploaded definition
START = """form: csv
options: {totals: true}
columns:
- {source: line, heading: 行}
- {source: holder, heading: 户名}
- {source: account, heading: 账号}
- {source: pays, heading: 金额（元）}
"""


class VersionForm(Step):
    title = forms.CharField(label=_("Title"), max_length=120)
    definition = forms.CharField(
        label=_("Definition"), max_length=20_000, required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
        help_text=_("YAML: form (xlsx or csv), options and columns in the order of the file."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("or a file with the definition"), required=False, help_text=_("Counts instead.")
    )
    basis = forms.CharField(
        label=_("Basis"), max_length=300, help_text=_("The bank's or treasury's rule behind it.")
    )
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def clean(self) -> dict[str, Any]:
        """The whole format, as the verb takes it, looked through."""
        given = super().clean() or {}
        uploaded, written = given.pop("file", None), given.pop("definition", "")
        if uploaded:
            written = _text_of(uploaded)
        given |= read_definition(written)
        problems = faults(code="any", **{key: given.get(key, "x") for key in FORMAT})
        wrong = [told for field, told in problems.items() if field not in self.errors]
        if wrong:
            raise ValidationError({"definition": wrong})
        return given


FORMAT = ("title", "form", "columns", "options", "basis")


class NewForm(VersionForm):
    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)
    code = forms.SlugField(label=_("Code"), max_length=40)
    field_order = ("city", "code")

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]


def _text_of(uploaded: Any) -> str:
    try:
        if uploaded.size > LARGEST:
            raise ValidationError({"file": _("A definition has at most 100,000 bytes.")})
        return str(uploaded.read().decode())
    except UnicodeDecodeError as error:
        raise ValidationError({"file": _("Save the definition as UTF-8.")}) from error


class Newest(ChangeList):
    """The version that counts of each code; older ones are on its page."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        return super().get_queryset(request, exclude_parameters).filter(newest=True)


@admin.register(PayoutFormat)
class PayoutFormatAdmin(RoleAdmin):
    seen_by = payout_layouts.READERS
    added_by = (EDITOR,)
    list_display = ("code", "title", "form", "in_use", "city", "basis", "set_by", "set_at")
    list_display_links = ("code", "title")
    ordering = ("city", "code")

    @admin.display(description=_("in use"), boolean=True)
    def in_use(self, row: PayoutFormat) -> bool:
        return row.is_active

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutFormat]:
        return payout_layouts.formats_for(person(request))

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[ChangeList]:
        return Newest

    def get_urls(self) -> list[URLPattern]:
        sample = self.admin_site.admin_view(self.sample)
        return [path("<int:pk>/sample/", sample, name="payout_sample"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        start = {"definition": START, "is_active": True}
        form = NewForm(request.POST or None, request.FILES or None, own=own, initial=start)
        return self._version(request, form, None, {"title": _("Set up a payout format")})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self._seen(request, int(object_id) if object_id.isdecimal() else 0)
        edits = row.newest and row.city_id in cities(request, self.added_by)  # type: ignore[attr-defined]
        if request.method == "POST" and not edits:
            raise PermissionDenied
        start = {key: getattr(row, key) for key in ("title", "basis", "is_active")}
        start |= {"definition": definition_of(row)}
        form = None
        if edits:
            form = VersionForm(request.POST or None, request.FILES or None, initial=start)
        files = PayoutFile.objects.filter(layout=row).select_related("batch").order_by("-id")
        versions = self.get_queryset(request).filter(city=row.city_id, code=row.code)
        context = {
            "title": f"{row.code} · {row.title}",
            "row": row,
            "columns": row.columns,
            "sample": sample_table(row),
            "files": files[:LATEST],
            "waiting": row.payoutbatch_set.filter(state__in=("prepared", "approved"))[:LATEST],
            "versions": versions.order_by("-id")[:LATEST],
            "opens_batches": holds(request, payout_layouts.READERS[:3]),
        }
        return self._version(request, form, row, context)

    def _version(
        self, request: HttpRequest, form: Any, row: PayoutFormat | None, context: dict[str, Any]
    ) -> HttpResponse:
        """The page; posted, a new version after `row`, or what it would make of the sample."""
        if form is not None and form.is_valid():
            given = ({"city": row.city, "code": row.code} if row else {}) | form.cleaned_data
            if request.POST.get("step") == "look":
                proposed = PayoutFormat(**given)
                context |= {"proposed": sample_table(proposed)}
                form.data = form.data.copy()  # what a file said is what is set next
                form.data["definition"] = definition_of(proposed)
            elif made := self._set(request, form, given, row):
                messages.success(request, _("Set: batches prepared from now on have it."))
                return redirect(PAGE, made.pk)
        more = {"form": form, "sources": ", ".join(SOURCES)}
        response = render(self, request, "payoutformat/page", context | more)
        response.status_code = 422 if form is not None and form.errors else 200
        return response

    def _set(
        self, request: HttpRequest, form: Any, given: dict[str, Any], row: PayoutFormat | None
    ) -> PayoutFormat | None:
        try:
            return payout_layouts.set_format(
                after=row.pk if row else None, user=person(request), **given
            )
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return None

    def sample(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._seen(request, pk)
        name = f"sample-{row.code}.{row.form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(sample_file(row), content_type=TYPES[row.form], headers=headers)

    def _seen(self, request: HttpRequest, pk: int) -> PayoutFormat:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: PayoutFormat | None = self.get_queryset(request).filter(pk=pk).first()
        if found is None:
            raise Http404(str(pk))
        return found
