"""What is wrong with a cell, kept in both languages: a list is read by more than its uploader."""

from collections.abc import Callable
from typing import Any

from django.utils import translation

from applicants.domain.errors import Refused
from incentives.policy.text import BadValue, Text

LANGUAGES = {"zh": "zh-hans", "en": "en"}
Said = dict[str, str]
"""{zh, en}"""


def said(message: Any, **values: Any) -> Said:
    """A lazy message with its values filled in; a value may be a text in both languages."""
    return {side: _said(message, values, side) for side in LANGUAGES}


def _said(message: Any, values: dict[str, Any], side: str) -> str:
    told = {name: getattr(v, side) if isinstance(v, Text) else v for name, v in values.items()}
    with translation.override(LANGUAGES[side]):
        return str(message) % told if told else str(message)


def refusal_of(read: Callable[[str], object], text: str) -> Said | None:
    """What a reader refuses of a text, in both languages; nothing where it takes it."""
    if not _refused(read, text):
        return None
    found = {}
    for side, language in LANGUAGES.items():
        with translation.override(language):
            found[side] = _refused(read, text)
    return found


def _refused(read: Callable[[str], object], text: str) -> str:
    try:
        read(text)
    except Refused as refused:
        return " ".join(refused.messages)
    return ""


def bad_value(bad: BadValue) -> Said:
    return {
        "zh": f"{bad.problem.zh}：{bad.expected.zh}",
        "en": f"{bad.problem.en}: {bad.expected.en}",
    }


def heard(told: Said) -> str:
    """The side in the reader's language."""
    return told["en" if (translation.get_language() or "").startswith("en") else "zh"]
