"""A list is looked at before it is made public: what was checked is what is published."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from reviews.admin.forms import StepForm
from reviews.domain import publicity
from reviews.domain.publicity_checks import look
from reviews.models import PublicityNotice

REASON = _("Why it is published in spite of what the check found")


def _reason() -> forms.CharField:
    return forms.CharField(
        label=REASON,
        help_text=_("Needed where there is a doubt; it is kept with each case in doubt."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ListForm(forms.Form):
    """Count and sum as the preview showed them, and the reason that doubts need."""

    count = forms.IntegerField(widget=forms.HiddenInput, required=False)
    total = forms.DecimalField(
        max_digits=16, decimal_places=2, widget=forms.HiddenInput, required=False
    )
    reason = _reason()

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("count") is None or cleaned.get("total") is None:
            self.add_error(None, _("Look at the list first: its count and sum are missing."))
        return cleaned


class OneForm(StepForm):
    """The same for one case, from its page."""

    reason = _reason()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.findings = look([self.case]).findings
        if not self.findings:
            del self.fields["reason"]


def publish(case_ids: list[int], form: Any, user: User) -> PublicityNotice | None:
    """The notice; or None, with what was refused on the form."""
    try:
        return publicity.publish(case_ids=case_ids, user=user, **form.cleaned_data)
    except (ValidationError, PermissionDenied) as refused:
        if not hasattr(refused, "error_dict"):
            form.add_error(None, getattr(refused, "messages", [str(refused)]))
            return None
        for name, said in refused.message_dict.items():  # type: ignore[union-attr]
            form.add_error(name if name in form.fields else None, said)
        return None
