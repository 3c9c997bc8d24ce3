"""The steps of a register entry, each with its words and the form that it asks."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incentives.models import RegisterEntry

Words = str | Promise


@dataclass(frozen=True)
class StepDoor:
    title: Words
    button: Words
    done: Words
    weight: str = "main"


STEP_DOORS: dict[str, StepDoor] = {
    "redeem": StepDoor(
        _("Redeem the voucher"), _("Redeem"), _("The voucher is redeemed; its sum falls due.")
    ),
    "deliver": StepDoor(
        _("Record the delivery"), _("It is delivered"), _("The delivery is recorded.")
    ),
    "select": StepDoor(
        _("Record the selection"), _("It was selected"), _("The selection is recorded.")
    ),
    "pass_over": StepDoor(
        _("Record that it was not selected"),
        _("It was not selected"),
        _("The result is recorded."),
        "secondary",
    ),
    "close": StepDoor(
        _("Close as completed"), _("Close the entry"), _("The entry is closed as completed.")
    ),
    "extend": StepDoor(
        _("Extend the validity"), _("Extend"), _("The validity is extended."), "secondary"
    ),
    "end": StepDoor(
        _("End before its time"), _("End the entry"), _("The entry is ended."), "danger"
    ),
}


class EntryStepForm(forms.Form):
    """A note always; the sum of a redemption; the new last day of an extension."""

    note = forms.CharField(
        label=_("What happened"),
        help_text=_("And on which paper it rests; the holder reads this text."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, entry: RegisterEntry, step: str, **more: Any) -> None:
        super().__init__(*args, **more | {"prefix": step})
        self.step = step
        if step == "redeem":
            self.fields["amount"] = forms.DecimalField(
                label=_("Sum used, in yuan"),
                help_text=_("At most %(value)s, the face value; the rest is free again.")
                % {"value": entry.figure},
                max_digits=16,
                decimal_places=2,
            )
        if step == "extend":
            self.fields["ends_on"] = forms.DateField(
                label=_("Valid to and including"),
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )
        self.order_fields(["amount", "ends_on", "note"])

    def take(self, refused: ValidationError) -> None:
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused.messages)
            return
        for name, said in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, said)
