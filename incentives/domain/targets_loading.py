"""The targets of the catalogue: targets.yaml read, checked and written to the database."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator, TypeAdapter, ValidationError

from incentives.models import PolicyDocument, Target
from incentives.models.target import Operator
from incentives.policy import scalars
from incentives.policy.loader import sorted_problems
from incentives.policy.positions import Code, Edge
from incentives.policy.text import Loc, Model, Text, Words, text
from incentives.policy.yamlfile import FileError, read_yaml

Year = Annotated[int, PlainValidator(scalars.year)]
YUAN_IN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
"""Units in which a sum of awards can be told, in yuan."""


class Baseline(Model):
    value: Edge | None = None
    year: Year


class Counts(Model):
    """Entries in force that cases of these programmes led to, or the yuan they were awarded."""

    entries: tuple[Code, ...] = ()
    level: tuple[Words, ...] = ()
    awards: tuple[Code, ...] = ()

    @property
    def programmes(self) -> tuple[str, ...]:
        return (*self.entries, *self.awards)


class TargetEntry(Model):
    """One target as the file has it; what is not printed is left out."""

    code: Code
    city: Code
    document: Code
    section: Words
    quote: Words
    name: Text
    unit: str = ""
    baseline: Baseline | None = None
    operator: Operator | None = None
    value: Edge | None = None
    to: Edge | None = None
    wording: str = ""
    year: Year | None = None
    attribute: str = ""
    note: Text | None = None
    counts: Counts | None = None


ENTRIES: TypeAdapter[list[TargetEntry]] = TypeAdapter(
    Annotated[list[TargetEntry], Field(min_length=1)]
)
Fault = tuple[Loc, Text, Text]


def read_targets(
    path: Path, *, documents: Mapping[str, str], programmes: Mapping[str, Collection[str]]
) -> list[TargetEntry]:
    """Every target of the file; raises FileError with each fault, its line and what to write.

    `documents` gives the city of each document, `programmes` the codes of each city.
    """
    file = read_yaml(path)
    try:
        found = ENTRIES.validate_python(file.data)
    except ValidationError as error:
        raise FileError(sorted_problems(file, error)) from None
    faults = [
        ((number, *loc), problem, expected)
        for number, entry in enumerate(found)
        for loc, problem, expected in faults_of(entry, documents, programmes)
    ]
    faults += repeated(found)
    if faults:
        raise FileError([file.problem(*fault) for fault in faults])
    return found


def faults_of(
    entry: TargetEntry, documents: Mapping[str, str], programmes: Mapping[str, Collection[str]]
) -> list[Fault]:
    faults: list[Fault] = []
    if documents.get(entry.document) != entry.city:
        faults.append(
            (
                ("document",),
                text("该城市没有这份文件", "the city has no such document"),
                text("请写该城市文件的代码", "write the code of a document of the city"),
            )
        )
    if (entry.operator is None) != (entry.value is None):
        faults.append(
            (
                ("value",),
                text("目标值和比较方式须一起写", "a target's value and operator belong together"),
                text("请补上缺的一项，或两项都删去", "add the one that is missing, or drop both"),
            )
        )
    if (entry.operator == Operator.WITHIN) != (entry.to is not None):
        faults.append(
            (
                ("to",),
                text("区间须写明起止", "a range needs both its ends"),
                text('请写 operator: "–"、value 和 to', 'write operator: "–", value and to'),
            )
        )
    return faults + faults_of_counts(entry, programmes.get(entry.city, ()))


def faults_of_counts(entry: TargetEntry, known: Collection[str]) -> list[Fault]:
    if entry.counts is None:
        return []
    strangers = [code for code in entry.counts.programmes if code not in known]
    faults: list[Fault] = [
        (
            ("counts",),
            text(f"该城市没有事项“{code}”", f"the city has no programme '{code}'"),
            text("请写该城市事项的代码", "write the code of a programme of the city"),
        )
        for code in strangers
    ]
    if bool(entry.counts.entries) == bool(entry.counts.awards):
        faults.append(
            (
                ("counts",),
                text("须从名录或兑现中选一种计", "it counts either entries or awards"),
                text("请写 entries 或 awards 之一", "write one of entries and awards"),
            )
        )
    if entry.counts.awards and entry.unit not in YUAN_IN:
        faults.append(
            (
                ("unit",),
                text("兑现金额不能以此单位计", "awards cannot be told in this unit"),
                text("请写元、万元或亿元", "write 元, 万元 or 亿元"),
            )
        )
    return faults


def repeated(found: list[TargetEntry]) -> list[Fault]:
    seen: set[tuple[str, str]] = set()
    faults: list[Fault] = []
    for number, entry in enumerate(found):
        key = (entry.city, entry.code)
        if key in seen:
            faults.append(
                (
                    (number, "code"),
                    text(f"代码“{entry.code}”重复", f"the code '{entry.code}' is repeated"),
                    text("每个目标一个代码", "give every target a code of its own"),
                )
            )
        seen.add(key)
    return faults


def load_targets(entries: list[TargetEntry]) -> None:
    """Write what is printed; the bureau that a city has made responsible stays."""
    documents = {document.code: document for document in PolicyDocument.objects.all()}
    for entry in entries:
        Target.objects.update_or_create(
            city_id=entry.city,
            code=entry.code,
            defaults=columns(entry) | {"document": documents[entry.document]},
        )


def columns(entry: TargetEntry) -> dict[str, Any]:
    baseline = entry.baseline
    return {
        "section": entry.section,
        "quote": entry.quote,
        "name_zh": entry.name.zh,
        "name_en": entry.name.en,
        "unit": entry.unit,
        "baseline": baseline.value if baseline else None,
        "baseline_year": baseline.year if baseline else None,
        "operator": entry.operator or "",
        "value": entry.value,
        "value_to": entry.to,
        "wording": entry.wording,
        "year": entry.year,
        "attribute": entry.attribute,
        "note_zh": entry.note.zh if entry.note else "",
        "note_en": entry.note.en if entry.note else "",
        "counts": entry.counts.model_dump(exclude_defaults=True, mode="json")
        if entry.counts
        else {},
    }
