"""The door of every upload: size, extension, then the file itself is opened."""

from dataclasses import dataclass

import filetype
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.uploads import images, office, papers
from applicants.domain.uploads.names import ALLOWED, LARGEST, clean_name, extension
from applicants.domain.uploads.trouble import Unfit

OPENERS = {
    "pdf": papers.check_pdf,
    "csv": papers.check_csv,
    "png": images.check_png,
    "jpg": images.check_jpeg,
    "jpeg": images.check_jpeg,
    "ofd": office.check_ofd,
    "xlsx": office.check_xlsx,
    "docx": office.check_docx,
}


@dataclass(frozen=True)
class Checked:
    name: str
    content_type: str
    content: bytes


def check(upload: "UploadedFile[bytes]") -> Checked:
    """Raises Refused on the field `file`, with what to upload instead."""
    name = clean_name(upload.name or "")
    kind = extension(name)
    try:
        if kind not in ALLOWED:
            raise Unfit(_("Upload a PDF, OFD, PNG, JPEG, XLSX, DOCX or CSV file."))
        content = _read(upload)
        OPENERS[kind](content)
    except Unfit as trouble:
        told = {"name": name, "trouble": trouble.says + _in_truth(upload, kind)}
        raise Refused({"file": _("“%(name)s” was not taken. %(trouble)s") % told}) from trouble
    return Checked(name, ALLOWED[kind], content)


def _read(upload: "UploadedFile[bytes]") -> bytes:
    content = b"" if (upload.size or 0) > LARGEST else upload.read(LARGEST + 1)
    if (upload.size or 0) > LARGEST or len(content) > LARGEST:
        raise Unfit(_("It is larger than 20 MB; scan at a lower resolution or split it."))
    if not content:
        raise Unfit(_("It is empty; choose the file again."))
    return content


def _in_truth(upload: "UploadedFile[bytes]", kind: str) -> str:
    """What the first bytes look like, when that is another kind than the name says."""
    upload.seek(0)
    seen = filetype.guess(upload.read(8192))
    if seen is None or seen.mime == ALLOWED.get(kind):
        return ""
    return " " + _("Its content looks like %(kind)s.") % {"kind": seen.extension.upper()}
