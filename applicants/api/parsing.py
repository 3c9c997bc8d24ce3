import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class ExactJSONParser(JSONParser):
    """Numbers with a point stay text, so that no sum of money ever becomes a float."""

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = codecs.getreader("utf-8")(stream).read()
            data = json.loads(text, parse_float=str, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("This is not JSON: %s") % error) from error
        if any("\0" in text or _torn(text) for text in _texts(data)):
            raise ParseError(_("Text may hold no NUL and no half of a character."))
        return data


def _no_number(written: str) -> Any:
    raise ValueError(f"{written} is no number")


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _texts(value)
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)


def _torn(text: str) -> bool:
    return any(0xD800 <= ord(character) <= 0xDFFF for character in text)
