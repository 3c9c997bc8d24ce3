"""PDF documents: data set by a Typst template, with its fonts embedded and its text selectable.

The template is a file of ours; what a person typed reaches it as data only, so nothing in a name
can act as markup. Nothing is read from the machine's fonts or clock: the same data, template and
versions of typst and of the font make the same bytes, on any machine.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from incentives.presenters.sheet import Sheet

TEMPLATES = Path(__file__).parents[1] / "templates" / "pdf"


def pdf_of(sheet: Sheet, *, at: datetime, footer: str = "") -> bytes:
    """A sheet as PDF. `at` is the document's date, for example of the approval."""
    return set_type("sheet", asdict(sheet) | {"footer": footer}, title=sheet.title, at=at)


def set_type(template: str, data: Mapping[str, Any], *, title: str, at: datetime) -> bytes:
    """Set `data` by templates/pdf/<template>.typ. The same arguments give the same bytes."""
    local = timezone.localtime(at)
    told = {
        "data": data,
        "title": title,
        "language": "en" if (get_language() or "").startswith("en") else "zh",
        "date": [local.year, local.month, local.day, local.hour, local.minute, local.second],
    }
    return typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=fonts(),
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
        format="pdf",
        timestamp=0,
    )


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """For one person: no proxy keeps it. `name` is of letters, digits and hyphens."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@cache
def fonts() -> typst.Fonts:
    """Of the wheel alone; read once a process."""
    folder = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    return typst.Fonts(font_paths=[str(folder)], include_system_fonts=False)
