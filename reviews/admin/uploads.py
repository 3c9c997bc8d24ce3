"""Files in the forms of the desk: checked and kept before the verb that lays them to a case."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.domain import documents
from applicants.domain.errors import Refused
from applicants.domain.uploads import check
from applicants.forms.documents import TYPES
from applicants.models import Document, User
from reviews.domain.actions import available
from reviews.domain.staff_papers import MOST

KINDS = _("PDF, OFD, PNG, JPEG, XLSX, DOCX or CSV, up to 20 MB.")


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; nothing chosen is an empty list. The check of each is its keeper's."""

    def __init__(self, **more: Any) -> None:
        widget = SeveralFiles(attrs={"accept": TYPES})
        super().__init__(required=False, allow_empty_file=True, widget=widget, **more)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if len(given) > MOST:
            raise forms.ValidationError(
                _("Choose at most %(most)s files."), params={"most": MOST}, code="many"
            )
        return [super(FilesField, self).clean(one, initial) for one in given]


def file_field(label: Any) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": TYPES})
    return forms.FileField(
        label=label, help_text=KINDS, required=False, allow_empty_file=True, widget=widget
    )


def keep(form: Any, field: str, user: User) -> list[Document]:
    """The field's files as papers of the city, in transactions of their own.

    All are checked before the first is kept. Nothing is kept for somebody to whom the step is not
    open; the verb then says why. Raises Refused on the field.
    """
    given = form.cleaned_data[field] or []
    uploads: Sequence[Any] = given if isinstance(given, list) else [given]
    if not uploads or form.action not in available(form.case, user):
        return []
    return kept(uploads, field, user)


@contextmanager
def keeping(upload: Any, field: str, user: User) -> Iterator[Document | None]:
    """The paper for the verb of the block, if there is one; where the verb refuses, none is kept.

    Raises Refused on the field.
    """
    if not upload:
        yield None
        return
    _check([upload], field)
    with documents.keeping(party=None, upload=upload, user=user) as paper:
        yield paper


def kept(uploads: Sequence[Any], field: str, user: User) -> list[Document]:
    """Papers of the city, for a person to whom the step is open; raises Refused on the field."""
    _check(uploads, field)
    return [documents.keep(party=None, upload=one, user=user) for one in uploads]


def _check(uploads: Sequence[Any], field: str) -> None:
    try:
        for upload in uploads:
            check(upload)
            upload.seek(0)
    except Refused as refused:
        raise Refused({field: refused.messages}) from refused
