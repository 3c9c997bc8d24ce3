"""Settings: what the documents leave unprinted. Each change is a new row with its basis."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from applicants.templatetags.huiqi import pick
from incentives.domain.programmes import rules_of
from incentives.domain.readings import reading_words
from incentives.domain.setting_values import example, expected, read_setting, written
from incentives.domain.settings import change_setting, declared
from incentives.models import Programme, Setting
from incentives.policy.programme import Programme as Rules
from incentives.policy.settings import SCALARS
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.paging import KeysetList
from reviews.admin.setting_rows import city_rows
from reviews.admin.workflow_setting import WorkflowForm
from reviews.domain.workflows import KEY
from reviews.models.staff import Role
from reviews.presenters.workflows import choice_words


class SettingForm(forms.Form):
    """The value of one setting in the form that its type needs, and its basis."""

    value = forms.CharField(label=_("Value"), required=False, strip=True)
    basis = forms.CharField(
        label=_("Basis"),
        max_length=300,
        help_text=_("The implementing rule or decision behind it."),
    )

    def __init__(self, *args: Any, rules: Rules | None, key: str, city: City, **more: Any) -> None:
        super().__init__(*args, **more)
        self.rules, self.key = rules, key
        self.fields["value"] = _value_field(rules, key, city)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            self.read = read_setting(self.rules, self.key, cleaned.get("value", ""))
        except ValidationError as refused:
            self.add_error(None, refused)
        return cleaned


def _value_field(rules: Rules | None, key: str, city: City) -> forms.Field:
    if rules and key in rules.assumptions:
        options = [
            (str(place), pick(reading_words(city=city, rules=rules, name=key, reading=reading)))
            for place, reading in enumerate(rules.assumptions[key].readings)
        ]
        return forms.ChoiceField(label=_("Reading"), choices=options, widget=forms.RadioSelect)
    if rules and key in rules.parameters:
        return _parameter_field(rules, key)
    entry = declared()[key]
    required = entry.type != "date"
    return forms.CharField(label=_("Value"), required=required)


def _parameter_field(rules: Rules, key: str) -> forms.Field:
    if rules.parameters[key].type in SCALARS:
        return forms.CharField(label=_("Value"), help_text=expected(rules, key))
    return forms.CharField(
        label=_("Value"),
        help_text=expected(rules, key),
        initial=example(rules, key),
        widget=forms.Textarea(attrs={"rows": 8, "class": "code"}),
    )


@admin.register(Setting)
class SettingAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    added_by = (Role.POLICY_EDITOR,)
    change_list_template = "admin/keyset_list.html"
    list_display = ("name", "programme_name", "shown", "basis", "set_by", "set_at")
    list_filter = (("programme", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("programme", "set_by")
    list_display_links = None
    search_fields = ("key", "basis", "programme__title_zh", "programme__title_en")

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    @admin.display(description=_("setting"))
    def name(self, row: Setting) -> str:
        """A programme's own setting keeps its key: its words stand on the programme's page."""
        return label_of(None, row.key) if row.key in declared() else row.key

    @admin.display(description=_("programme"))
    def programme_name(self, row: Setting) -> str:
        return str(row.programme or _("all programmes of the city"))

    @admin.display(description=_("value"))
    def shown(self, row: Setting) -> str:
        return said(row.key, row.value) or "—"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "key" not in request.GET:
            return self._choose(request)
        city, programme = self._owner(request)
        return self._edit(request, city, programme, request.GET["key"])

    def _choose(self, request: HttpRequest) -> HttpResponse:
        """First what is to be set: a period of the city, or a programme with its own values."""
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        context = {
            "title": _("What do you want to set?"),
            "places": [(city, city_rows(city)) for city in own],
            "programmes": Programme.objects.filter(city__in=own),
        }
        return self._render(request, "choose", context)

    def _owner(self, request: HttpRequest) -> tuple[City, Programme | None]:
        city = City.objects.filter(
            pk=request.GET.get("city", ""), pk__in=cities(request, self.added_by)
        ).first()
        wanted = request.GET.get("programme", "")
        programme = (
            Programme.objects.filter(pk=int(wanted), city=city).first()
            if wanted.isdecimal()
            else None
        )
        if city is None or (wanted and programme is None):
            raise Http404(_now("There is nothing to set here."))
        return city, programme

    def _edit(
        self, request: HttpRequest, city: City, programme: Programme | None, key: str
    ) -> HttpResponse:
        rules = rules_of(programme.current) if programme else None
        if not _known(rules, key):
            raise Http404(key)
        form: Any = (
            WorkflowForm(request.POST or None, city=city, programme=programme)
            if key == KEY
            else SettingForm(request.POST or None, rules=rules, key=key, city=city)
        )
        preview = form.preview() if "preview" in request.POST and form.is_valid() else None
        if "preview" not in request.POST and form.is_valid():
            change_setting(
                city=city,
                programme=programme,
                key=key,
                value=form.read,
                basis=form.cleaned_data["basis"],
                actor=person(request),
            )
            messages.success(request, _("The setting is kept and holds from now on."))
            return redirect("admin:incentives_setting_changelist")
        history = Setting.objects.filter(city=city, programme=programme, key=key)
        context = {
            "title": label_of(rules, key),
            "help": help_of(rules, key),
            "form": form,
            "workflow": preview,
            "previews": key == KEY and programme is not None,
            "programme": programme,
            "city": city,
            "history": [
                (said(row.key, row.value) or "—", row)
                for row in history.select_related("set_by")[:20]
            ],
        }
        return self._render(request, "form", context)

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/incentives/setting/{name}.html", whole)


def _known(rules: Rules | None, key: str) -> bool:
    return key in declared() or bool(
        rules and (key in rules.parameters or key in rules.assumptions)
    )


def said(key: str, value: Any) -> str:
    """A kept value as its reader sees it."""
    return choice_words(value) if key == KEY else written(value)


def label_of(rules: Rules | None, key: str) -> str:
    if rules and key in rules.assumptions:
        return pick(rules.assumptions[key].question)
    if rules and key in rules.parameters:
        return pick(rules.parameters[key].label)
    return pick(declared()[key].label)


def help_of(rules: Rules | None, key: str) -> str:
    if rules and key in rules.assumptions:
        return pick(rules.assumptions[key].because)
    if rules and key in rules.parameters:
        return pick(rules.parameters[key].help)
    return pick(declared()[key].help)
