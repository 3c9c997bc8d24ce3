"""The text of a programme as an editor writes it, and everything that is wrong with such a text."""

import json
from pathlib import Path
from typing import Any

import yaml

from incentives.domain.catalogue import FOLDER
from incentives.domain.programmes import rules_of
from incentives.models import Programme, ProgrammeVersion
from incentives.policy.checking import loose_in, red_examples
from incentives.policy.loader import load_programme, programme_of
from incentives.policy.programme import Programme as Rules
from incentives.policy.programme import digest
from incentives.policy.text import text
from incentives.policy.yamlfile import Document, FileError, FileProblem, parse_yaml

FIXED = ("code", "city", "case_type", "title", "source.document", "source.section")
"""What a draft may not change: by it the programme is known, listed and printed."""


class Plain(yaml.SafeDumper):
    """Writes text without quotes wherever a programme's file may: there every scalar is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}


def written_of(version: ProgrammeVersion) -> str:
    """The catalogue's own file where it says the same, comments and all; else the rules."""
    programme = version.programme
    file = FOLDER / programme.city_id / f"{programme.code}.yaml"
    return _same_file(file, version.digest) or dumped(rules_of(version))


def _same_file(file: Path, wanted: str) -> str | None:
    try:
        same = digest(load_programme(file)) == wanted
    except FileError:
        return None
    return file.read_text(encoding="utf-8") if same else None


def dumped(rules: Rules) -> str:
    plain = json.loads(json.dumps(rules.to_json()))
    return yaml.dump(plain, Dumper=Plain, allow_unicode=True, sort_keys=False, width=100)


def read_draft(
    written: str, programme: Programme, *, thorough: bool = False
) -> tuple[Rules | None, list[FileProblem]]:
    """The rules, as far as the text can be read, and every fault with its line.

    `thorough` also looks for numbers that no example holds, which takes some seconds.
    """
    try:
        document = parse_yaml(written, f"{programme.code}.yaml")
        rules = programme_of(document)
    except FileError as error:
        return None, list(error.problems)
    faults = _moved(rules, document, rules_of(programme.current))
    faults += red_examples(rules, document)
    return rules, faults or (loose_in(document) if thorough else [])


def _moved(rules: Rules, document: Document, before: Rules) -> list[FileProblem]:
    return [
        document.problem(
            tuple(field.split(".")),
            text("不可在此修改", "cannot be changed here"),
            text(f"请写回 {kept}", f"write {kept} again"),
        )
        for field in FIXED
        if (kept := _value(before, field)) != _value(rules, field)
    ]


def _value(rules: Rules, field: str) -> str:
    found: Any = rules
    for part in field.split("."):
        found = getattr(found, part)
    return f"{{zh: {found.zh}, en: {found.en}}}" if field == "title" else str(found)
