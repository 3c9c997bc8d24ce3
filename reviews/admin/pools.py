"""Pools: a city's yearly ceiling over several programmes, with what is used and left of it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from applicants.templatetags.huiqi import yuan
from incentives.models import Counter, Pool, Programme
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.money_pages import WATCHING, render
from reviews.domain.pooling import set_pool
from reviews.models.staff import Role


class LimitForm(forms.Form):
    """What of a pool may change once it is set."""

    title = forms.CharField(label=_("Title"), max_length=160)
    limit = forms.DecimalField(
        label=_("Limit in yuan"), min_value=0, max_digits=16, decimal_places=2
    )
    basis = forms.CharField(
        label=_("Basis"),
        max_length=300,
        help_text=_("The budget or decision behind it, with its number."),
    )

    def take(self, refused: ValidationError) -> None:
        """Show what the verb refused beside its field."""
        told = refused.message_dict if hasattr(refused, "error_dict") else {}
        for name, words in told.items() or [("", refused.messages)]:
            self.add_error(name if name in self.fields else None, words)


class PoolForm(LimitForm):
    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens: industry.")
    )
    year = forms.IntegerField(label=_("Year of approval"), min_value=2000, max_value=2200)
    programmes = forms.ModelMultipleChoiceField(
        Programme.objects.none(),
        label=_("Programmes"),
        required=False,
        help_text=_("None: all programmes of the city."),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("city", "code", "year", "title", "limit", "programmes", "basis")

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]
        self.fields["programmes"].queryset = Programme.objects.filter(  # type: ignore[attr-defined]
            city__in=own
        )


@admin.register(Pool)
class PoolAdmin(RoleAdmin):
    seen_by = (*WATCHING, Role.POLICY_EDITOR)
    added_by = changed_by = (Role.FINANCE_APPROVER,)
    list_display = ("title", "year", "limit_shown", "used_shown", "left_shown", "basis", "set_by")
    list_filter = ("year",)
    list_select_related = ("set_by", "city")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pool]:
        """With `used`, what its counter stands at, in yuan, and that `counter`."""
        year = Cast(OuterRef("year"), CharField())
        key = Concat(Value("pool:"), OuterRef("code"), Value(":"), year)
        counters = Counter.objects.filter(city=OuterRef("city"), key=key)
        rows: QuerySet[Pool] = super().get_queryset(request)
        return rows.annotate(
            used=Subquery(counters.values("used")[:1]), counter=Subquery(counters.values("pk")[:1])
        )

    @admin.display(description=_("limit"), ordering="limit")
    def limit_shown(self, pool: Pool) -> str:
        return yuan(pool.limit)

    @admin.display(description=_("used"))
    def used_shown(self, pool: Any) -> str:
        return yuan(pool.used or Decimal(0))

    @admin.display(description=_("left"))
    def left_shown(self, pool: Any) -> str:
        return yuan(pool.limit - (pool.used or Decimal(0)))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        start = {"year": timezone.localdate().year}
        form = PoolForm(request.POST or None, own=own, initial=start)
        if form.is_valid() and self._set(request, form, **form.cleaned_data):
            return redirect("admin:incentives_pool_changelist")
        return render(self, request, "pool/form", {"title": _("Set up a pool"), "form": form})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        pool: Any = get_object_or_404(self.get_queryset(request), pk=pk)
        form = self._limit_form(request, pool)
        fixed = {"city": pool.city, "code": pool.code, "year": pool.year}
        programmes = list(pool.programmes.all())
        if form and form.is_valid():
            values = fixed | {"programmes": programmes} | form.cleaned_data
            if self._set(request, form, **values):
                return redirect("admin:incentives_pool_changelist")
        used = pool.used or Decimal(0)
        context = {
            "title": str(pool),
            "form": form,
            "pool": pool,
            "programmes": programmes,
            "used": used,
            "left": pool.limit - used,
        }
        return render(self, request, "pool/form", context)

    def _limit_form(self, request: HttpRequest, pool: Pool) -> LimitForm | None:
        if not self.has_change_permission(request, pool):
            if request.method == "POST":
                raise PermissionDenied
            return None
        start = {"title": pool.title, "limit": pool.limit, "basis": pool.basis}
        return LimitForm(request.POST or None, initial=start)

    def _set(self, request: HttpRequest, form: LimitForm, **values: Any) -> bool:
        try:
            set_pool(user=person(request), **values)
        except ValidationError as refused:
            form.take(refused)
            return False
        messages.success(request, _("The pool is set and holds from now on."))
        return True
