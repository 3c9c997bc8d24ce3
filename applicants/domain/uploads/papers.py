"""PDF and CSV."""

import re
import unicodedata

from django.utils.translation import gettext as _

from applicants.domain.uploads.trouble import Unfit
from applicants.domain.uploads.zips import ends_in_zip

LEAD = b"\xef\xbb\xbf \t\r\n\0"
TAIL = 2048  # some programs write a little after the end mark
PROGRAM = re.compile(rb"/(JavaScript|JS|Launch)\b")
MARKUP = re.compile(r"\s*<\s*(!doctype|html|script|svg|\?xml)", re.IGNORECASE)


def check_pdf(content: bytes) -> None:
    if not content[:64].lstrip(LEAD).startswith(b"%PDF-"):
        raise Unfit(_("This is no PDF; export or scan it as PDF."))
    if b"%%EOF" not in content[-TAIL:] or b"startxref" not in content:
        raise Unfit(_("The PDF is incomplete; export or upload it again."))
    if PROGRAM.search(content):
        raise Unfit(_("The PDF contains a program; print it to a new PDF and upload that."))
    if ends_in_zip(content):
        raise Unfit(_("Another file is hidden in the PDF; print it to a new PDF."))


def check_csv(content: bytes) -> None:
    text = _decoded(content)
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in text):
        raise Unfit(_("This is no text; save the table as CSV."))
    if not text.strip("\ufeff \t\r\n") or MARKUP.match(text.lstrip("\ufeff")):
        raise Unfit(_("This is no table; save the table as CSV."))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unfit(_("The text is neither UTF-8 nor GB18030; save the table as “CSV UTF-8”."))
