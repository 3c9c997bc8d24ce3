"""The steps of a page of money: who may take each, its form, and what its verb refused."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import told_of_crossing
from reviews.admin.access import holds, person
from reviews.models.staff import Role


class Step(forms.Form):
    """The form of a step, able to show what the verb refused beside its field."""

    def take(self, refused: ValidationError | PermissionDenied) -> None:
        if not hasattr(refused, "error_dict"):
            self.add_error(None, getattr(refused, "messages", [str(refused)]))
            return
        for name, said in refused.message_dict.items():  # type: ignore[union-attr]
            self.add_error(name if name in self.fields else None, said)


class ReasonForm(Step):
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


def amount_field() -> forms.DecimalField:
    least = Decimal("0.01")
    return forms.DecimalField(
        label=_("Amount (yuan)"), max_digits=16, decimal_places=2, min_value=least
    )


def day_field(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})  # as browsers read it
    return forms.DateField(
        label=label, widget=widget, error_messages={"required": _("Choose a day.")}
    )


class Doing(NamedTuple):
    """What a button of a page does: by whom, its words, its verb and its form."""

    who: tuple[Role, ...]
    words: str | Promise
    verb: Callable[..., object]
    form: type[Step] = Step
    danger: bool = False


class Opened(NamedTuple):
    """A step that the page offers, with its form as it was posted."""

    name: str
    doing: Doing
    form: Step


def opened(
    request: HttpRequest, doings: Mapping[str, Doing], names: Iterable[str], **initial: Any
) -> list[Opened]:
    """Those of the names that the person's roles may take."""
    step = request.POST.get("step")
    return [
        Opened(
            name,
            doings[name],
            doings[name].form(request.POST if step == name else None, prefix=name, initial=initial),
        )
        for name in names
        if holds(request, doings[name].who)
    ]


def taken(request: HttpRequest, steps: list[Opened], **row: int) -> bool:
    """Whether the posted step was done; otherwise the page says above or beside it why not."""
    posted = request.POST.get("step")
    step = next((one for one in steps if one.name == posted), None)
    if step is None:
        messages.error(request, _("This step is not open now; reload the page."))
        return False
    if not step.form.is_valid():
        return False
    try:
        with told_of_crossing():
            step.doing.verb(user=person(request), **row, **step.form.cleaned_data)
    except (ValidationError, PermissionDenied) as refused:
        step.form.take(refused)
        return False
    messages.success(request, _("Done: %s.") % step.doing.words)
    return True
