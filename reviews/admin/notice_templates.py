"""The city's own words for its notices: kind by kind, with a look before they count."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from applicants.domain.notice_templates import built_in, fields_of, in_force, previewed
from applicants.domain.notice_words import WORDS
from applicants.domain.wording import TEXTS
from applicants.models import City, NoticeTemplate
from reviews.admin.access import RoleAdmin, cities, person
from reviews.domain.notice_wording import WORDED_BY, word_notice
from reviews.models.staff import Role

SHOWN = 20


class NoticeWordsForm(forms.Form):
    title_zh = forms.CharField(label=_("Chinese title"), required=False)
    text_zh = forms.CharField(
        label=_("Chinese text"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    title_en = forms.CharField(label=_("English title"), required=False)
    text_en = forms.CharField(
        label=_("English text"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    basis = forms.CharField(
        label=_("Basis"),
        max_length=300,
        help_text=_("The decision or model text behind the wording."),
    )

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in TEXTS}

    def take(self, refused: ValidationError) -> None:
        """Show what the verb refused beside its field."""
        for name, words in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, words)


@admin.register(NoticeTemplate)
class NoticeTemplateAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    added_by = WORDED_BY
    list_display = ("kind", "title_zh", "title_en", "city", "basis", "set_by", "set_at")
    list_filter = ("city",)
    list_select_related = ("city", "set_by")
    list_display_links = None
    search_fields = ("kind", "title_zh", "title_en")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        if "kind" not in request.GET:
            kinds = [(kind, built_in(kind)) for kind in WORDS]
            places = [(city, kinds) for city in own]
            context = {"title": _("Which notice?"), "places": places}
            return self._render(request, "choose", context)
        city = own.filter(pk=request.GET.get("city", "")).first()
        if city is None or request.GET["kind"] not in WORDS:
            raise Http404(request.GET["kind"])
        return self._edit(request, city, request.GET["kind"])

    def _edit(self, request: HttpRequest, city: City, kind: str) -> HttpResponse:
        now, usual = in_force(city, kind), built_in(kind)
        start = {name: getattr(now, name) for name in TEXTS} if now else usual
        form = NoticeWordsForm(request.POST or None, initial=start)
        preview = []
        if form.is_valid():
            try:
                preview = previewed(city, kind, form.texts())
                if "keep" in request.POST:
                    basis = form.cleaned_data["basis"]
                    word_notice(
                        city=city, kind=kind, texts=form.texts(), basis=basis, user=person(request)
                    )
                    messages.success(request, _("The words are kept and hold from now on."))
                    return redirect("admin:applicants_noticetemplate_changelist")
            except ValidationError as refused:
                form.take(refused)
        history = NoticeTemplate.objects.filter(city=city, kind=kind).select_related("set_by")
        context = {
            "title": f"{city} · {kind}",
            "form": form,
            "fields": [f"{{{name}}}" for name in fields_of(kind)],
            "usual": usual,
            "preview": preview,
            "history": history.order_by("-id")[:SHOWN],
        }
        return self._render(request, "form", context)

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/applicants/noticetemplate/{name}.html", whole)
