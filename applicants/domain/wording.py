"""A notice in its reader's language. What it was about is data; the words are chosen on reading."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, override

from applicants.domain.notice_words import BALANCES, CUT, DIFFERENCE, MORE, WORDS
from applicants.models import Notice

UNKNOWN = "—"
MONEY = frozenset({"amount", "used", "limit", "left", "room", "recorded", "added_up"})
LISTED = 20


def render(notice: Notice, language: str | None = None) -> tuple[str, str]:
    """Title and text. A kind without words shows its kind and data, so that nothing is hidden."""
    with override(language or get_language()):
        if notice.kind not in WORDS:
            return notice.kind, "\n".join(f"{k}: {v}" for k, v in notice.data.items())
        title, text = WORDS[notice.kind]
        filled = _filled(notice.data)
        lines = [str(text) % filled, *_cuts(notice.data), *_differences(notice.data)]
        return " ".join((str(title) % filled).split()), "\n".join(lines)


def _filled(data: Mapping[str, Any]) -> dict[str, str]:
    """The values in words; a placeholder that the data does not fill shows a dash."""
    words = {key: _said(key, value) for key, value in data.items()}
    words["title"] = _localised({"zh": data.get("title_zh"), "en": data.get("title_en")})
    return defaultdict(lambda: UNKNOWN, {key: said for key, said in words.items() if said})


def _said(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return _localised(value)
    if key.endswith("_on"):
        return _day(str(value))
    return _money(str(value)) if key in MONEY else str(value)


def _localised(names: Mapping[str, Any]) -> str:
    english = (get_language() or "").startswith("en")
    return str(names.get("en" if english else "zh") or "")


def _day(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text))
    except ValueError:
        return text


def _money(text: str) -> str:
    try:
        return f"{Decimal(text):,.2f}"
    except InvalidOperation:
        return text


def _cuts(data: Mapping[str, Any]) -> Iterator[str]:
    for cut in data.get("cuts") or []:
        yield str(CUT) % _filled(cut)


def _differences(data: Mapping[str, Any]) -> Iterator[str]:
    found = data.get("differences") or []
    for difference in found[:LISTED]:
        what = BALANCES.get(difference["what"], difference["what"])
        yield str(DIFFERENCE) % (_filled(difference) | {"what": str(what)})
    if len(found) > LISTED:
        yield str(MORE) % {"count": len(found) - LISTED}
