"""The desk of the window (代办): whom a clerk helps, until when, and what is done there."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from applicants.models import City, Party, User
from applicants.models.party import PartyKind
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.money_pages import tell_refusal
from reviews.admin.window_forms import AccountForm, HelpForm, NumberForm
from reviews.domain import assistance, behalf
from reviews.domain.queries import own_cases
from reviews.models import Assistance
from reviews.models.staff import Role

PAGE = "admin:reviews_assistance_change"
CLERKS = (Role.WINDOW,)


@admin.register(Assistance)
class AssistanceAdmin(RoleAdmin):
    seen_by = (*CLERKS, Role.AUDITOR)
    added_by = CLERKS
    list_display = ("party", "clerk", "authorised_by", "reason", "at", "ends_on", "ended_by")
    list_select_related = ("party", "clerk", "ended_by")
    search_fields = ("party__name", "party__uscc")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assistance]:
        """A clerk's own; auditors see those of the city."""
        rows: QuerySet[Assistance] = super().get_queryset(request)
        audited = rows.filter(city__in=cities(request, (Role.AUDITOR,)))
        return rows.filter(clerk=person(request)) | audited

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, CLERKS))
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = HelpForm(*posted, own=own)
        if form.is_valid():
            try:
                opened = self._open(request, form.cleaned_data)
            except ValidationError as refused:
                form.take(refused)
            else:
                messages.success(request, _("You may file for this applicant now."))
                return redirect(PAGE, opened.pk)
        context = {"title": _("Help an applicant"), "form": form}
        return self._page(request, "form", context, failed=form.is_bound)

    def _open(self, request: HttpRequest, given: dict[str, Any]) -> Assistance:
        clerk, city = person(request), given["city"]
        return assistance.open_assistance(
            city=city,
            party=self._party(given, request),
            authorised_by=given["authorised_by"],
            reason=given["reason"],
            document=assistance.keep_paper(city=city, upload=given["file"], clerk=clerk),
            ends_on=given["ends_on"],
            clerk=clerk,
        )

    def _party(self, given: dict[str, Any], request: HttpRequest) -> Party:
        whom: dict[str, Any] = {"city": given["city"], "name": given["name"]}
        clerk = person(request)
        if given["kind"] == PartyKind.PERSON:
            number = given["number"]
            return assistance.register_person(id_number=number, clerk=clerk, **whom)
        return assistance.register_organisation(
            uscc=given["number"],
            kind=given["kind"],
            district=given["district"],
            clerk=clerk,
            **whom,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        rows = self.get_queryset(request).select_related("party", "clerk", "city", "document")
        found = get_object_or_404(rows, pk=int(object_id))
        step = request.POST.get("step", "")
        forms: dict[str, Form] = {
            "take_on": NumberForm(request.POST if step == "take_on" else None),
            "account": AccountForm(*(
                (request.POST, request.FILES) if step == "account" else ()
            )),
        }  # fmt: skip
        if request.method == "POST" and self._step(request, found, step, forms.get(step)):
            return redirect(PAGE, found.pk)
        user = person(request)
        stands = behalf.standing(clerk=user).filter(pk=found.pk).exists()
        cases = own_cases(user).filter(assisted_by=user, applicant=found.party)
        context = {
            "title": str(found),
            "found": found,
            "stands": stands,
            "cases": cases.select_related("programme") if stands else [],
            "forms": forms,
        }
        return self._page(request, "assistance", context, failed=request.method == "POST")

    def _step(self, request: HttpRequest, found: Assistance, step: str, form: Form | None) -> bool:
        """Whether it is done; what was refused stands beside its field, or above the page."""
        if form is not None and not form.is_valid():
            return False
        try:
            told = self._take(person(request), found, step, form.cleaned_data if form else {})
        except PermissionDenied as refused:
            tell_refusal(request, refused)
        except ValidationError as refused:
            if form is None or not hasattr(refused, "error_dict"):
                tell_refusal(request, refused)
                return form is None
            for name, words in refused.message_dict.items():
                form.add_error(name if name in form.fields else None, words)
            return False
        else:
            messages.success(request, told)
        return True

    def _take(self, clerk: User, found: Assistance, step: str, given: dict[str, Any]) -> str:
        if step == "take_on":
            case = assistance.take_on(number=given["number"], clerk=clerk)
            return _("You go on with case %s.") % case.number
        if step == "account":
            paper = assistance.keep_paper(city=found.city, upload=given.pop("file"), clerk=clerk)
            assistance.enter_account(assistance_id=found.pk, document=paper, clerk=clerk, **given)
            return _("The account is entered; the applicant is told.")
        assistance.end(assistance_id=found.pk, user=clerk)
        return _("The help has ended.")

    def _page(
        self, request: HttpRequest, page: str, context: dict[str, Any], *, failed: bool = False
    ) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts} | context
        template = f"admin/reviews/assistance/{page}.html"
        return TemplateResponse(request, template, whole, status=422 if failed else 200)
