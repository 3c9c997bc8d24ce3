"""Everything that can be checked of the catalogue's files without a database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from incentives.domain.catalogue import FOLDER
from incentives.policy.checking import loose_in, red_examples
from incentives.policy.loader import load_programme, sorted_problems
from incentives.policy.outcomes import CASE_TYPES
from incentives.policy.programme import Programme as Rules
from incentives.policy.text import text
from incentives.policy.workflow import Workflows
from incentives.policy.yamlfile import Document, FileError, FileProblem, read_yaml

Loaded = tuple[Rules, Document]


@dataclass
class Checked:
    """How many were looked at, and every fault with its file and line."""

    programmes: int = 0
    examples: int = 0
    quotes: int = 0
    faults: list[FileProblem] = field(default_factory=list)


def check_catalogue(folder: Path = FOLDER) -> Checked:
    """Files, examples, loose numbers, quotes, bureaus of the own city, lengths of event keys."""
    found, loaded = Checked(), list[Loaded]()
    cities = read_yaml(folder / "cities.yaml").data
    for file in (f for city in cities for f in sorted((folder / city["code"]).glob("*.yaml"))):
        found.programmes += 1
        try:
            loaded.append((load_programme(file), read_yaml(file)))
        except FileError as error:
            found.faults += error.problems
    for rules, document in loaded:
        found.examples += len(rules.examples)
        found.quotes += len(rules.source.quotes)
        found.faults += red_examples(rules, document) or loose_in(document)
        found.faults += untrue_quotes(rules, document, folder)
        found.faults += strangers(rules, document, folder)
    found.faults += uneven_events(loaded)
    found.faults += false_workflows(folder)
    return found


def false_workflows(folder: Path) -> Iterator[FileProblem]:
    """What cannot be read in workflows.yaml, and bureaus or types of case that it names in vain."""
    document = read_yaml(folder / "workflows.yaml")
    try:
        known = Workflows.model_validate(document.data)
    except ValidationError as error:
        yield from sorted_problems(document, error)
        return
    bureaus = {row["code"] for row in read_yaml(folder / "bureaus.yaml").data}
    named: list[tuple[str, Iterable[str], Iterable[str]]] = [
        ("duties", known.duties, bureaus),
        ("case_types", known.case_types, CASE_TYPES),
    ]
    for part, codes, right in named:
        for code in sorted({*codes} - {*right}):
            yield document.problem(
                (part, code),
                text(f"没有“{code}”", f"there is no '{code}'"),
                text("请检查拼写，或删去", "check the spelling, or drop it"),
            )


def untrue_quotes(rules: Rules, document: Document, folder: Path) -> Iterator[FileProblem]:
    """A quote that does not stand in its document, blanks aside."""
    file = folder / "sources" / f"{rules.source.document}.txt"
    printed = squeezed(file.read_text(encoding="utf-8")) if file.exists() else ""
    for quote in rules.source.quotes:
        if squeezed(quote) not in printed:
            yield document.problem(
                ("source", "quote"),
                text("文件原文中没有此句", "does not stand in the document"),
                text(f"请照抄 {file.name}", f"copy it from {file.name}"),
            )


def squeezed(words: str) -> str:
    return "".join(words.split())


def strangers(rules: Rules, document: Document, folder: Path) -> Iterator[FileProblem]:
    """A bureau or document that the programme names and its own city does not have."""
    bureaus = rules.bureaus
    named: list[tuple[str, tuple[str, ...], list[str]]] = [
        ("bureaus", ("bureaus", "printed"), list(bureaus.printed)),
        ("bureaus", ("bureaus", "handling"), [bureaus.handling]),
        ("bureaus", ("bureaus", "opinions"), list(bureaus.asked)),
        ("bureaus", ("bureaus", "parts"), list(bureaus.parts)),
        ("documents", ("source", "document"), [rules.source.document]),
    ]
    for kind, place, codes in named:
        own = codes_of(folder, kind, rules.city)
        for code in sorted(set(codes) - own):
            yield document.problem(
                place,
                text(f"“{code}”不属于 {rules.city}", f"'{code}' is not of {rules.city}"),
                text(f"请写 {kind}.yaml 中该市的代码", f"write one of the city's in {kind}.yaml"),
            )


def codes_of(folder: Path, kind: str, city: str) -> set[str]:
    rows: list[dict[str, Any]] = read_yaml(folder / f"{kind}.yaml").data
    return {row["code"] for row in rows if row["city"] == city}


def uneven_events(loaded: list[Loaded]) -> Iterator[FileProblem]:
    """Programmes of one city meet on an event only when their keys have equally many values."""
    lengths: dict[tuple[str, str], tuple[int, str]] = {}
    for rules, document in loaded:
        for index, event in enumerate(rules.same_event):
            here = len(event.instance)
            wanted, first = lengths.setdefault((rules.city, event.group), (here, rules.code))
            if here != wanted:
                yield document.problem(
                    ("same_event", index, "instance"),
                    text(f"与 {first} 的键长度不同", f"has another length than in {first}"),
                    text(f"请写 {wanted} 个键", f"write {wanted} keys"),
                )
