"""The worked sequences of docs/simulation.md: settings, input lines and printed output."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

DOCUMENT = Path(__file__).parents[3] / "docs" / "simulation.md"
BLOCK = re.compile(r"^```(\w+) (input|output|whole|settings)\n(.*?)^```$", re.M | re.S)
SHORTENED = {"label", "why", "unit", "by_count"}


class Sequence(NamedTuple):
    settings: dict[str, Any]
    given: list[str]
    whole: bool
    printed: list[str]


def sequences(text: str) -> Iterator[Sequence]:
    settings: dict[str, Any] = {}
    given: list[str] = []
    for _language, what, body in BLOCK.findall(text):
        if what == "settings":
            settings = yaml.load(body, Loader=yaml.BaseLoader)
        elif what == "input":
            given = body.splitlines()
        else:
            yield Sequence(settings, given, what == "whole", body.splitlines())
            settings = {}


def shortened(value: Any) -> Any:
    """As the document prints it: without words and lesser figures."""
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items() if key not in SHORTENED}
    return [shortened(item) for item in value] if isinstance(value, list) else value
