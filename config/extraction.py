"""Every sentence that code and templates hand to gettext. Needs no GNU gettext on the machine."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

from config.paths import BASE

APPS = ("config", "applicants", "incentives", "reviews")
LAZY = ("gettext_lazy", "gettext_noop")
SHORT = ("_l", "_now")  # where a module needs both now and lazily
KEYWORDS = (
    DEFAULT_KEYWORDS
    | dict.fromkeys((*LAZY, *SHORT))
    | {
        "ngettext_lazy": (1, 2),
        "pgettext_lazy": ((1, "c"), 2),
        "npgettext_lazy": ((1, "c"), 2, 3),
    }
)


def extracted() -> Catalog:
    catalog = Catalog(project="Huiqi")
    for path, source in _sources():
        place = str(path.relative_to(BASE))
        for line, message, _comments, context in extract(
            "python", BytesIO(source.encode()), KEYWORDS, (), {"encoding": "utf-8"}
        ):
            catalog.add(message, locations=[(place, line)], context=context)
    return catalog


def _sources() -> Iterator[tuple[Path, str]]:
    for path in _files("*.py"):
        yield path, path.read_text(encoding="utf-8")
    for path in _files("templates/**/*.*"):
        template = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # Indentation means nothing in a template, but it does to Python's tokenizer.
        yield path, "\n".join(line.lstrip() for line in template.split("\n"))


def _files(pattern: str) -> list[Path]:
    found = (path for app in APPS for path in (BASE / app).rglob(pattern))
    return sorted(path for path in found if path.is_file() and "migrations" not in path.parts)
