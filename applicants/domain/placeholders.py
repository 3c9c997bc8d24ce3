"""Placeholders in a city's own words: `{number}` stands for the case number, and so on."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise

NAMED = re.compile(r"\{(\w+)\}", re.ASCII)
BUILT_IN = re.compile(r"%\((\w+)\)s")


def fill(text: str, values: Mapping[str, str]) -> str:
    return NAMED.sub(lambda found: values[found[1]], text)


def named_in(text: str) -> set[str]:
    return set(NAMED.findall(text))


def stray_braces(text: str) -> bool:
    """Whether a brace is left over that belongs to no placeholder."""
    return bool(re.search(r"[{}]", NAMED.sub("", text)))


def from_built_in(text: str | Promise) -> str:
    """Our own words as a city would write them."""
    return BUILT_IN.sub(r"{\1}", str(text)).replace("%%", "%")
