"""A notice in its reader's language. What it was about is data; the words are chosen on reading:
the city's own of its kind (`with_own_words` brings them along), else those of notice_words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.formats import date_format
from django.utils.translation import get_language, override

from applicants.domain.notice_words import BALANCES, CUT, DIFFERENCE, FAULTS, MORE, WORDS
from applicants.domain.placeholders import fill
from applicants.models import Notice, NoticeTemplate

UNKNOWN = "—"
MONEY = frozenset({"amount", "used", "limit", "left", "room", "recorded", "added_up"})
LISTED = 20
TEXTS = ("title_zh", "text_zh", "title_en", "text_en")


def with_own_words(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Each with the newest template of its city and kind, in the same query."""
    newest = NoticeTemplate.objects.filter(city=OuterRef("city"), kind=OuterRef("kind"))
    texts = newest.order_by("-id").values(json=JSONObject(**{name: name for name in TEXTS}))
    return notices.annotate(own=Subquery(texts[:1]))


def render(notice: Notice, language: str | None = None) -> tuple[str, str]:
    """Title and text. A kind without words shows its kind and data, so that nothing is hidden."""
    with override(language or get_language()):
        if own := _own(notice):
            filled = _filled(notice.data)
            lines = [fill(own[1], filled), *_cuts(notice.data), *_differences(notice.data)]
            return " ".join(fill(own[0], filled).split()), "\n".join(lines)
        if notice.kind not in WORDS:
            return notice.kind, "\n".join(f"{k}: {v}" for k, v in notice.data.items())
        title, text = WORDS[notice.kind]
        filled = _filled(notice.data)
        lines = [str(text) % filled, *_cuts(notice.data), *_differences(notice.data)]
        return " ".join((str(title) % filled).split()), "\n".join(lines)


def _own(notice: Notice) -> tuple[str, str] | None:
    """The city's title and text in the language that is spoken; emptied ones count for nothing."""
    if notice.city_id is None:
        return None
    if not hasattr(notice, "own"):
        found = with_own_words(Notice.objects.filter(pk=notice.pk)).first()
        notice.own = found.own if found else None  # type: ignore[attr-defined]
    own = notice.own  # type: ignore[attr-defined]
    spoken = "en" if _in_english() else "zh"
    if not own or not own[f"title_{spoken}"]:
        return None
    return own[f"title_{spoken}"], own[f"text_{spoken}"]


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
    return str(names.get("en" if _in_english() else "zh") or "")


def _in_english() -> bool:
    return (get_language() or "").startswith("en")


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
        what = difference["what"]
        words = {"what": str(BALANCES.get(what, what))}
        yield str(FAULTS.get(what, DIFFERENCE)) % (_filled(difference) | words)
    if len(found) > LISTED:
        yield str(MORE) % {"count": len(found) - LISTED}
