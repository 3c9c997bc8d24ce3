from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.domain.uploads import ALLOWED
from applicants.forms.base import PortalForm

TYPES = ",".join(f".{extension}" for extension in ALLOWED)


class UploadForm(PortalForm):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the check itself says what to do instead
        help_text=_("PDF, OFD, PNG, JPEG, XLSX, DOCX or CSV, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": TYPES}),
    )
