"""What letters carry: the city's wording of each kind, and the marks and seals of bureaus."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import Refused
from applicants.models import City
from incentives.models import Bureau
from reviews.admin.access import RoleAdmin, cities, person
from reviews.domain import letter_templates, letter_wording, seals
from reviews.domain.letter_numbers import usual_mark
from reviews.models import LetterTemplate, Seal
from reviews.models.letter import LetterKind
from reviews.models.staff import Role


class TellingForm(forms.Form):
    """Shows what the verb refused beside its field."""

    def take(self, refused: ValidationError) -> None:
        for name, words in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, words)


class WordingForm(TellingForm):
    title = forms.CharField(
        label=_("Title of the letter"), max_length=letter_templates.LONGEST_TITLE
    )
    body = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Whom it is for in the first line. A line with nothing to say is left out."),
    )
    basis = forms.CharField(
        label=_("Basis"),
        max_length=300,
        required=False,
        help_text=_("The decision or model text behind the wording."),
    )


@admin.register(LetterTemplate)
class LetterTemplateAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    added_by = letter_templates.WORDED_BY
    list_display = ("kind", "title", "city", "basis", "set_by", "set_at")
    list_filter = ("kind",)
    list_select_related = ("city", "set_by")
    list_display_links = None

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        if "kind" not in request.GET:
            places = [(city, list(LetterKind)) for city in own]
            return self._render(request, "choose", {"title": _("Which letter?"), "places": places})
        city = own.filter(pk=request.GET.get("city", "")).first()
        if city is None or request.GET["kind"] not in LetterKind.values:
            raise Http404(request.GET["kind"])
        return self._edit(request, city, LetterKind(request.GET["kind"]))

    def _edit(self, request: HttpRequest, city: City, kind: LetterKind) -> HttpResponse:
        now = letter_templates.in_force(city, kind)
        form = WordingForm(request.POST or None, initial={"title": now.title, "body": now.body})
        shown = None
        if form.is_valid():
            try:
                if "preview" not in request.POST:
                    return self._kept(request, form, city, kind)
                shown = letter_templates.previewed(
                    kind, form.cleaned_data["title"], form.cleaned_data["body"]
                )
            except Refused as refused:
                form.take(refused)
        context = {
            "title": kind.label,
            "city": city,
            "form": form,
            "shown": shown,
            "known": [(name, letter_wording.MEANINGS[name]) for name in letter_wording.known(kind)],
            "history": letter_templates.history(city, kind)[:20],
        }
        return self._render(request, "form", context)

    def _kept(
        self, request: HttpRequest, form: WordingForm, city: City, kind: LetterKind
    ) -> HttpResponse:
        letter_templates.set_template(
            city=city, kind=kind, user=person(request), **form.cleaned_data
        )
        messages.success(request, _("The wording is kept; letters issued from now on use it."))
        return redirect("admin:reviews_lettertemplate_changelist")

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/reviews/lettertemplate/{name}.html", whole)


class SealForm(TellingForm):
    mark = forms.CharField(label=_("Mark"), max_length=12, required=False)
    image = forms.FileField(
        label=_("Seal"),
        required=False,
        help_text=_("A PNG of at most 300 KB with a transparent ground. Empty keeps the present."),
    )
    without_image = forms.BooleanField(
        label=_("Issue letters without a seal; its place says so"), required=False
    )
    basis = forms.CharField(
        label=_("Basis"),
        max_length=300,
        help_text=_("The approval under which the seal is used."),
    )


@admin.register(Seal)
class SealAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    added_by = (Role.SYSTEM,)
    city_path = "bureau__city"
    list_display = ("bureau", "mark", "sha256", "basis", "set_by", "set_at")
    list_select_related = ("bureau", "set_by")
    list_display_links = None

    def get_urls(self) -> list[URLPattern]:
        shown = self.admin_site.admin_view(self.image)
        return [path("<int:pk>/image.png", shown, name="seal_image"), *super().get_urls()]

    def image(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        seal: Seal = get_object_or_404(self.get_queryset(request).exclude(image=b""), pk=pk)
        answer = HttpResponse(bytes(seal.image), content_type="image/png")
        answer["Cache-Control"] = "private, no-store"
        return answer

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = Bureau.objects.filter(city__in=cities(request, self.added_by)).select_related("city")
        asked = request.GET.get("bureau", "")
        if not asked:
            return self._render(request, "choose", {"title": _("Which bureau?"), "bureaus": own})
        bureau = get_object_or_404(own, pk=int(asked) if asked.isdecimal() else 0)
        return self._edit(request, bureau)

    def _edit(self, request: HttpRequest, bureau: Bureau) -> HttpResponse:
        history = list(seals.seals_of(bureau)[:20])
        start = {"mark": history[0].mark} if history else {}
        form = SealForm(request.POST or None, request.FILES or None, initial=start)
        if form.is_valid() and self._set(request, form, bureau):
            return redirect("admin:reviews_seal_changelist")
        context = {
            "title": str(bureau),
            "form": form,
            "bureau": bureau,
            "usual": usual_mark(bureau, bureau.city),
            "history": history,
        }
        return self._render(request, "form", context)

    def _set(self, request: HttpRequest, form: SealForm, bureau: Bureau) -> bool:
        try:
            seals.set_seal(bureau=bureau, user=person(request), **form.cleaned_data)
        except Refused as refused:
            form.take(refused)
            return False
        messages.success(request, _("The bureau's letters carry this from now on."))
        return True

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/reviews/seal/{name}.html", whole)
