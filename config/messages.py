"""Translations: `python -m config.messages compile | check | update [--merge FILE.json ...]`.

Sentences are written in English in code and templates, so English is complete as it stands; the
Chinese ones are in `locale/zh_Hans`. FILE.json holds {"English": "中文"}; where the English has two
forms, the key is "one||many".
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config.extraction import extracted
from config.paths import BASE

LOCALE = "zh_Hans"
FILE = BASE / "locale" / LOCALE / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|(?<!%)%[sd]|\{\w*\}")
# Headers that would change with the day, or say nothing.
UNSTEADY = ('"POT-', '"PO-', '"Last-', '"Report-', '"Generated-', '"Language-Team')
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def main() -> None:
    arguments = _arguments()
    if arguments.what == "compile":
        compile_translations()
    elif arguments.what == "check":
        sys.exit(report(problems(extracted(), known())))
    else:
        write(merged(extracted(), known(), dictionary(arguments.merge)))
        sys.exit(report(problems(extracted(), known())))


def compile_translations() -> None:
    """Django reads .mo files, which are made here and kept out of the repository."""
    target = FILE.with_suffix(".mo")
    if FILE.exists() and not (
        target.exists() and target.stat().st_mtime_ns >= FILE.stat().st_mtime_ns
    ):
        with target.open("wb") as file:
            write_mo(file, known())


def known() -> Catalog:
    if not FILE.exists():
        return Catalog(locale=LOCALE)
    with FILE.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def merged(wanted: Catalog, old: Catalog, new: dict[str, str]) -> Catalog:
    """Each sentence in use, with its new Chinese, else the old."""
    result = Catalog(locale=LOCALE, project="Huiqi", fuzzy=False)
    for message in wanted:
        if not message.id:
            continue
        before = old.get(message.id, message.context)
        chinese = new.get(key_of(message)) or (_chinese(before) if before else "")
        string = (chinese,) if message.pluralizable else chinese
        result.add(message.id, string, context=message.context, flags=message.flags)
    return result


def write(catalog: Catalog) -> None:
    """Without dates and line numbers, so that it differs only where a sentence does."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    catalog.header_comment = "# The sentences of Huiqi in Chinese; see config/messages.py."
    written = BytesIO()
    write_po(written, catalog, sort_output=True, width=100, no_location=True)
    lines = written.getvalue().decode().splitlines(keepends=True)
    kept = (line for line in lines if not line.startswith(UNSTEADY))
    FILE.write_text("".join(kept), encoding="utf-8")


def dictionary(files: list[Path]) -> dict[str, str]:
    return {
        _one_line(english): chinese
        for file in files
        for english, chinese in json.loads(file.read_text(encoding="utf-8")).items()
    }


def problems(wanted: Catalog, have: Catalog) -> Iterator[str]:
    for message in wanted:
        if message.id:
            yield from _problems_of(message, have.get(message.id, message.context))
    for message in have:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"{FILE.relative_to(BASE)}: no longer used: {key_of(message)!r}"


def _problems_of(message: Message, translation: Message | None) -> Iterator[str]:
    place = ":".join(map(str, message.locations[0]))
    english, chinese = key_of(message), _chinese(translation) if translation else ""
    if CHINESE.search(english):
        yield f"{place}: written in Chinese, should be English: {english!r}"
    if not chinese:
        yield f"{place}: no Chinese for {english!r}"
    elif translation and translation.fuzzy:
        yield f"{place}: the Chinese is marked as fuzzy: {english!r}"
    elif _placeholders(chinese) != _placeholders(_last_form(message)):
        yield f"{place}: other placeholders in the Chinese of {english!r}: {chinese!r}"


def report(found: Iterator[str]) -> int:
    lines = sorted(found)
    print("\n".join(lines) if lines else "Every sentence is there in English and in Chinese.")
    return 1 if lines else 0


def key_of(message: Message) -> str:
    return _one_line("||".join(message.id) if message.pluralizable else str(message.id))


def _last_form(message: Message) -> str:
    return str(message.id[-1] if message.pluralizable else message.id)


def _chinese(message: Message) -> str:
    return str(message.string[0] if isinstance(message.string, tuple) else message.string)


def _placeholders(text: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(text)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.messages", description=__doc__)
    parser.add_argument("what", choices=["compile", "check", "update"])
    parser.add_argument("--merge", nargs="+", type=Path, default=[], metavar="FILE.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
