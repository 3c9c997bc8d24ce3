"""The city's pool of experts, kept by the coordinating office and the policy editors."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.paging import KeysetList
from reviews.domain.rounds_experts import KEEPERS, add_expert, change_expert
from reviews.models import Expert
from reviews.models.staff import Role

LIST = "admin:reviews_expert_changelist"


class ExpertForm(forms.Form):
    employer = forms.CharField(
        label=_("Employer"),
        max_length=160,
        help_text=_("By its full name: an expert never scores the employer's cases."),
    )
    employer_uscc = forms.CharField(
        label=_("Unified social credit code of the employer"), max_length=18, required=False
    )
    fields_of = forms.CharField(label=_("Fields of expertise"), max_length=300)

    def given(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"fields": data.pop("fields_of")}

    def take(self, refused: ValidationError) -> None:
        """Show what the verb refused beside its field."""
        for name, said in refused.message_dict.items():
            shown = "fields_of" if name == "fields" else name
            self.add_error(shown if shown in self.fields else None, said)


class NewExpertForm(ExpertForm):
    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)
    email = forms.EmailField(label=_("E-mail address of the expert's account"))
    field_order = ("city", "email")

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]


class KnownExpertForm(ExpertForm):
    is_active = forms.BooleanField(label=_("Can be drawn"), required=False)


@admin.register(Expert)
class ExpertAdmin(RoleAdmin):
    seen_by = (Role.PREPARER, Role.APPROVER, Role.LEADER, Role.AUDITOR)
    added_by = changed_by = KEEPERS
    change_list_template = "admin/keyset_list.html"
    list_display = ("user", "employer", "fields", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email", "employer", "fields")

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        form = NewExpertForm(request.POST or None, own=own)
        if form.is_valid() and self._kept(request, add_expert, form):
            return redirect(LIST)
        return self._page(request, form, _("Take an expert into the pool"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        expert: Expert = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, expert):
            if request.method == "POST":
                raise PermissionDenied
            return self._page(request, None, str(expert), expert=expert)
        names = ("employer", "employer_uscc", "is_active")
        start = {name: getattr(expert, name) for name in names} | {"fields_of": expert.fields}
        form = KnownExpertForm(request.POST or None, initial=start)
        if form.is_valid() and self._kept(request, change_expert, form, expert_id=expert.pk):
            return redirect(LIST)
        return self._page(request, form, str(expert), expert=expert)

    def _kept(self, request: HttpRequest, verb: Any, form: ExpertForm, **of: Any) -> bool:
        try:
            verb(user=person(request), **form.given(), **of)
        except ValidationError as refused:
            form.take(refused)
            return False
        messages.success(request, _("The pool is kept."))
        return True

    def _page(
        self, request: HttpRequest, form: ExpertForm | None, title: Any, **more: Any
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form}
        status = 422 if form is not None and form.is_bound and form.errors else 200
        template = "admin/reviews/scoringround/expert.html"
        return TemplateResponse(
            request, template, context | {"title": title, **more}, status=status
        )
