"""What is typed into the pages of budgets."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from incentives.domain.budgets import BY_HAND
from incentives.models import Budget, Fund, Programme
from incentives.models.budget import Allotment, BudgetChangeKind
from incentives.policy.outcomes import PAYING
from reviews.admin.steps import Step, amount_field

KINDS = [(one.value, one.label) for one in BudgetChangeKind if one in BY_HAND]


def basis_field() -> forms.CharField:
    told = _("The budget or decision behind it, with its number.")
    return forms.CharField(label=_("Basis"), max_length=300, help_text=told)


class ByBureau(ModelChoiceIterator):
    """Programmes under the bureaus that handle them; the bureau's city too where there are two."""

    def __iter__(self) -> Iterator[Any]:
        cities = len({programme.city_id for programme in self.queryset})
        for bureau, programmes in groupby(self.queryset, key=lambda one: one.handling_bureau):
            chosen = list(programmes)
            name = f"{chosen[0].city} · {bureau}" if cities > 1 else str(bureau)
            yield name, [self.choice(programme) for programme in chosen]


class Folded(forms.CheckboxSelectMultiple):
    """Each group folds away and says how many of it are chosen."""

    template_name = "admin/incentives/fund/folded.html"

    def get_context(self, *args: Any) -> dict[str, Any]:
        context = super().get_context(*args)
        context["groups"] = [
            (name, options, sum(option["selected"] for option in options))
            for name, options, _index in context["widget"]["optgroups"]
        ]
        return context


class ProgrammesField(forms.ModelMultipleChoiceField):
    iterator = ByBureau
    widget = Folded


class FundForm(Step):
    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens: industry.")
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160)
    programmes = ProgrammesField(Programme.objects.none(), label=_("Programmes"))

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]
        programmes = Programme.objects.filter(city__in=own, case_type__in=PAYING)
        programmes = programmes.select_related("handling_bureau", "city")
        programmes = programmes.order_by("city", "handling_bureau", "document", "id")
        self.fields["programmes"].queryset = programmes  # type: ignore[attr-defined]


class BudgetForm(Step):
    fund = forms.ModelChoiceField(Fund.objects.none(), label=_("Fund"), empty_label=None)
    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("Programme"),
        required=False,
        empty_label=_("the whole fund"),
        help_text=_("Choose one to set a part of the fund aside for it."),
    )
    year = forms.IntegerField(label=_("Budget year"), min_value=2000, max_value=2200)
    planned = forms.DecimalField(label=_("Planned (yuan)"), max_digits=16, decimal_places=2)
    funding_source = forms.CharField(label=_("Funding source"), max_length=80)
    subject_code = forms.CharField(label=_("Budget subject code"), max_length=20)
    basis = basis_field()
    allotment = forms.ChoiceField(
        label=_("How it is given"),
        choices=Allotment.choices,
        help_text=_("Pro rata: what waits is taken together, each by its share of what is left."),
    )
    carries_over = forms.BooleanField(
        label=_("What is left carries over into the next year"), required=False
    )

    def __init__(self, *args: Any, funds: QuerySet[Fund], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        programmes = Programme.objects.filter(fund__in=funds).distinct()
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]


class ChangeForm(Step):
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    amount = amount_field()
    taken_from = forms.ModelChoiceField(
        Budget.objects.none(),
        label=_("Taken from"),
        required=False,
        empty_label=_("no other budget"),
        help_text=_("For a transfer alone."),
    )
    basis = basis_field()

    def __init__(self, *args: Any, others: QuerySet[Budget], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["taken_from"].queryset = others  # type: ignore[attr-defined]
