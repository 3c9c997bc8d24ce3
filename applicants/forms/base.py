from collections.abc import Callable
from typing import Any, Self, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest

from applicants.domain.errors import Refused

Result = TypeVar("Result")


class PortalForm(forms.Form):
    """What is missing is said by the server, in the reader's language, in the page's own look."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    @classmethod
    def of(cls, request: HttpRequest, **more: Any) -> Self:
        """Filled with what was posted, even if that is nothing; empty on a page merely opened."""
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        return cls(*posted, **more)

    def carry_out(self, verb: Callable[..., Result], **given: Any) -> Result | None:
        """Call the verb; what it refuses is put beside the fields, and nothing is returned."""
        try:
            return verb(**given)
        except Refused as refusal:
            self.show(refusal)
            return None

    def done(self, verb: Callable[..., object], **given: Any) -> bool:
        return self.carry_out(verb, **given) is not None

    def show(self, refusal: Refused) -> None:
        for field, messages in by_field(refusal).items():
            self.add_error(field if field in self.fields else None, messages)


def judged(reader: Callable[[str], object], text: str) -> str:
    """The text as typed, once its reader takes it: so all that is wrong is told at once."""
    try:
        reader(text)
    except Refused as refusal:
        raise forms.ValidationError(refusal.messages) from refusal
    return text


def by_field(refusal: Refused) -> dict[str, list[str]]:
    if hasattr(refusal, "error_dict"):
        return refusal.message_dict
    return {NON_FIELD_ERRORS: refusal.messages}
