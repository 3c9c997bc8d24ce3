"""Names and sentences kept as data, in the language of the reader."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language


def in_words(text: Any) -> str:
    """The reader's side of a {zh, en} mapping or of a Text of the policy language; '' for None."""
    if text is None:
        return ""
    side = "en" if (get_language() or "").startswith("en") else "zh"
    return str(text.get(side, "") if isinstance(text, Mapping) else getattr(text, side))
