"""OFD, XLSX and DOCX: archives that must hold what makes them a document."""

from io import BytesIO
from zipfile import ZipFile

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from applicants.domain.uploads.trouble import Unfit
from applicants.domain.uploads.zips import opened

CONTENT_TYPES = "[Content_Types].xml"
HEAD = 4096


def check_ofd(content: bytes) -> None:
    archive = opened(content)
    if "OFD.xml" not in archive.namelist():
        raise Unfit(_("This is no OFD document; export it as OFD or PDF."))
    head = archive.read("OFD.xml")[:HEAD]
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"OFD" not in head:
        raise Unfit(_("This is no OFD document; export it as OFD or PDF."))


def check_xlsx(content: bytes) -> None:
    archive = opened(content)
    _require(archive, "xl/workbook.xml", _("This is no XLSX workbook; save it as XLSX."))
    try:
        CalamineWorkbook.from_filelike(BytesIO(content)).close()
    except CalamineError:
        raise Unfit(_("This is no XLSX workbook; save it as XLSX.")) from None


def check_docx(content: bytes) -> None:
    archive = opened(content)
    _require(archive, "word/document.xml", _("This is no DOCX document; save it as DOCX or PDF."))


def _require(archive: ZipFile, member: str, otherwise: str) -> None:
    names = archive.namelist()
    if CONTENT_TYPES not in names or member not in names:
        raise Unfit(otherwise)
    if b"macroEnabled" in archive.read(CONTENT_TYPES):
        raise Unfit(_("It contains macros; save it without macros."))
