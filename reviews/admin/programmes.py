"""Programmes as an editor reads them beside the printed clause: rules, versions, settings."""

from typing import Any

import yaml
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext_lazy as _

from applicants.templatetags.huiqi import pick
from incentives.domain.editing import change_programme
from incentives.domain.programmes import rules_of
from incentives.models import Programme
from reviews.admin.access import RoleAdmin, person
from reviews.admin.setting_rows import SettingRow, rows_of
from reviews.models.staff import Role


class ProgrammeForm(forms.ModelForm):
    basis = forms.CharField(
        label=_("Basis of the change"),
        help_text=_("The decision behind it, such as a document number."),
        max_length=300,
    )

    class Meta:
        model = Programme
        fields = ("handling_bureau", "is_open")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if "handling_bureau" in self.fields:
            field: Any = self.fields["handling_bureau"]
            field.queryset = field.queryset.filter(city=self.instance.city_id)


@admin.register(Programme)
class ProgrammeAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    changed_by = (Role.POLICY_EDITOR,)
    form = ProgrammeForm
    list_display = ("name", "document", "section", "handling_bureau", "is_open", "version")
    list_filter = (
        "is_open",
        ("document", admin.RelatedOnlyFieldListFilter),
        ("handling_bureau", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("document", "handling_bureau")
    search_fields = ("code", "title_zh", "title_en")
    readonly_fields = (
        "name",
        "code",
        "document",
        "section",
        "quote",
        "summary",
        "printed_bureaus",
        "settable",
        "rules",
        "versions",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Programme]:
        return super().get_queryset(request).prefetch_related("versions")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ("handling_bureau", "is_open")
        editing = (*own, "basis") if self.has_change_permission(request, obj) else own
        return (
            (None, {"fields": ("name", "code", "document", "section", "quote", "summary")}),
            (_("Who handles it"), {"fields": ("printed_bureaus", *editing)}),
            (_("Settings"), {"fields": ("settable",)}),
            (_("Rules"), {"fields": ("versions", "rules")}),
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        change_programme(
            programme=obj,
            handling_bureau=form.cleaned_data["handling_bureau"],
            is_open=form.cleaned_data["is_open"],
            basis=form.cleaned_data["basis"],
            actor=person(request),
        )

    @admin.display(description=_("title"), ordering="title_zh")
    def name(self, programme: Programme) -> str:
        return programme.title

    @admin.display(description=_("version"))
    def version(self, programme: Programme) -> int:
        """In force today; the rows are read with the list."""
        today = localdate()
        standing = [
            row.number
            for row in programme.versions.all()
            if row.in_force_from is None or row.in_force_from <= today
        ]
        return max(standing, default=0)

    @admin.display(description=_("printed clause"))
    def quote(self, programme: Programme) -> SafeString:
        quotes = ((quote,) for quote in rules_of(programme.current).source.quotes)
        return format_html(
            '<blockquote class="quote">{}</blockquote>', format_html_join("", "<p>{}</p>", quotes)
        )

    @admin.display(description=_("in short"))
    def summary(self, programme: Programme) -> str:
        return pick(rules_of(programme.current).summary)

    @admin.display(description=_("printed order of bureaus"))
    def printed_bureaus(self, programme: Programme) -> str:
        codes = rules_of(programme.current).bureaus.printed
        bureaus = {bureau.code: bureau for bureau in programme.city.bureau_set.all()}
        return " → ".join(str(bureaus.get(code, code)) for code in codes)

    @admin.display(description=_("values to set"))
    def settable(self, programme: Programme) -> SafeString:
        rows = format_html_join("", ROW, (_cells(row) for row in rows_of(programme)))
        return format_html('<table class="plain">{}</table>', rows)

    @admin.display(description=_("rules in force"))
    def rules(self, programme: Programme) -> SafeString:
        text = yaml.safe_dump(
            rules_of(programme.current).to_json(), allow_unicode=True, sort_keys=False, width=96
        )
        return format_html(
            '<details><summary>YAML</summary><pre class="code">{}</pre></details>', text
        )

    @admin.display(description=_("versions"))
    def versions(self, programme: Programme) -> SafeString:
        return format_html_join(
            "",
            '<p>v{} · {} · <code class="digest">{}</code> {}</p>',
            (
                (
                    row.number,
                    localtime(row.loaded_at).strftime("%Y-%m-%d %H:%M"),
                    row.digest[:16],
                    _("in force from %s") % row.in_force_from if row.in_force_from else "",
                )
                for row in programme.versions.all()
            ),
        )


ROW = (
    '<tr><th scope="row">{}</th><td>{}</td><td><span class="muted">{}</span></td>'
    '<td><a href="{}">{}</a></td></tr>'
)


def _cells(row: SettingRow) -> tuple[Any, ...]:
    link = reverse("admin:incentives_setting_add") + f"?{row.query}"
    return row.label, row.shown, row.origin, link, _("set")
