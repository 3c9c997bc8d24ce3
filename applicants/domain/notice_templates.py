"""A city's own words for a kind of notice: what may be put in, and how it would look."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from applicants.domain.errors import Refused
from applicants.domain.notice_words import WORDS
from applicants.domain.placeholders import from_built_in, named_in, stray_braces
from applicants.domain.wording import TEXTS, render
from applicants.models import City, Notice, NoticeTemplate

LONGEST = {"title_zh": 160, "title_en": 160, "text_zh": 2000, "text_en": 2000}
SAMPLES: dict[str, object] = {
    "title_zh": "（事项名称）",
    "title_en": "(programme)",
    "due_on": "2026-12-31",
    "ends_on": "2026-12-31",
    "starts_on": "2026-12-01",
    "amount": "100000.00",
}


def fields_of(kind: str) -> list[str]:
    """What a notice of this kind is filled with: all that our own words for it name."""
    title, text = (from_built_in(words) for words in WORDS[kind])
    return sorted(named_in(title) | named_in(text) | {"title"})


def built_in(kind: str) -> dict[str, str]:
    """Our own words, as a city would write them."""
    texts = {}
    for spoken, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            title, text = WORDS[kind]
            texts[f"title_{spoken}"] = from_built_in(title)
            texts[f"text_{spoken}"] = from_built_in(text)
    return texts


def in_force(city: City, kind: str) -> NoticeTemplate | None:
    """The newest of the city; nothing where our own words count."""
    newest = NoticeTemplate.objects.filter(city=city, kind=kind).order_by("-id").first()
    return newest if newest and newest.title_zh else None


def check(kind: str, texts: dict[str, str]) -> dict[str, str]:
    """The texts, trimmed; raises Refused by field. All empty: back to our own words."""
    if kind not in WORDS:
        raise Refused({"kind": _("There is no such kind of notice.")})
    trimmed = {name: texts.get(name, "").strip() for name in TEXTS}
    if not any(trimmed.values()):
        return trimmed
    if wrong := {name: said for name in TEXTS if (said := _trouble(kind, name, trimmed[name]))}:
        raise Refused(wrong)
    return trimmed


def _trouble(kind: str, name: str, text: str) -> str:
    if not text:
        return _("Write it in both languages, or leave all empty for the usual words.")
    if len(text) > LONGEST[name]:
        words = _("This has %(count)s characters; write at most %(limit)s.")
        return words % {"count": len(text), "limit": LONGEST[name]}
    if name.startswith("title") and "\n" in text:
        return _("A title is one line.")
    known = fields_of(kind)
    unknown = sorted(named_in(text) - set(known))
    if unknown or stray_braces(text):
        told = {"name": ", ".join(unknown) or "{ }", "known": ", ".join(f"{{{f}}}" for f in known)}
        return _("Nothing is known for “%(name)s” in this notice; there is: %(known)s.") % told
    return ""


def previewed(city: City, kind: str, texts: dict[str, str]) -> list[tuple[str, str, str]]:
    """Language, title and text as a reader would see them, with made-up values."""
    own = check(kind, texts)
    data = {field: SAMPLES.get(field, f"⟨{field}⟩") for field in fields_of(kind)}
    data |= {name: SAMPLES[name] for name in ("title_zh", "title_en")}
    shown = []
    for language in ("zh-hans", "en"):
        notice = Notice(kind=kind, data=data, city=city)
        notice.own = own if any(own.values()) else None  # type: ignore[attr-defined]
        shown.append((language, *render(notice, language)))
    return shown
