"""Where a city's text messages and webhooks go; a secret is shown once, when it is made."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from applicants.domain.notice_words import WORDS
from applicants.domain.placeholders import from_built_in
from applicants.models import City, Delivery, Endpoint
from applicants.models.notice import Channel
from reviews.admin.access import RoleAdmin, cities, person
from reviews.domain import endpoints
from reviews.models.staff import Role

NEWEST = 20


class EndpointForm(forms.Form):
    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Channel.choices, widget=forms.RadioSelect
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=endpoints.LONGEST_URL,
        help_text=_("https://…, of the gateway or program that checks our signature."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of notices"),
        required=False,
        help_text=_("None: all."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (kind, from_built_in(words[0])) for kind, words in WORDS.items()
        ]

    def take(self, refused: ValidationError) -> None:
        """Show what the verb refused beside its field."""
        for name, words in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, words)


@admin.register(Endpoint)
class EndpointAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    added_by = changed_by = (Role.SYSTEM,)
    list_display = ("url", "channel", "city", "is_active", "set_by", "set_at")
    list_filter = ("channel", "is_active")
    list_select_related = ("city", "set_by")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        form = EndpointForm(request.POST or None, own=own)
        if form.is_valid():
            try:
                made, secret = endpoints.set_up(user=person(request), **form.cleaned_data)
            except ValidationError as refused:
                form.take(refused)
            else:
                return self._secret(request, made, secret)
        return self._render(request, "form", {"title": _("Set up an endpoint"), "form": form})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        endpoint = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method == "POST":
            return self._step(request, endpoint)
        newest = Delivery.objects.filter(endpoint=endpoint).select_related("notice")
        context = {
            "title": str(endpoint),
            "endpoint": endpoint,
            "deliveries": newest.order_by("-id")[:NEWEST],
            "may_change": self.has_change_permission(request, endpoint),
        }
        return self._render(request, "form", context)

    def _step(self, request: HttpRequest, endpoint: Any) -> HttpResponse:
        """The verbs look again at who asks."""
        step, user = request.POST.get("step", ""), person(request)
        if step == "renew":
            secret = endpoints.renew_secret(endpoint_id=endpoint.pk, user=user)
            return self._secret(request, endpoint, secret)
        if step not in ("on", "off"):
            raise PermissionDenied
        endpoints.switch(endpoint_id=endpoint.pk, on=step == "on", user=user)
        messages.success(request, _("The endpoint is switched."))
        return redirect("admin:applicants_endpoint_change", endpoint.pk)

    def _secret(self, request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
        context = {"title": str(endpoint), "endpoint": endpoint, "secret": secret}
        return self._render(request, "secret", context)

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/applicants/endpoint/{name}.html", whole)
