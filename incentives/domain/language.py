from django.utils.translation import get_language

from incentives.policy.text import Text


def chosen(words: Text) -> str:
    """A bilingual text of the catalogue in the reader's language."""
    return words.en if (get_language() or "").startswith("en") else words.zh
