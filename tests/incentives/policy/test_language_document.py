"""The language document keeps its word: every piece of YAML in it loads, and its examples run."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from incentives import policy
from incentives.policy import (
    FileError,
    Programme,
    conditions,
    derived,
    failures,
    json_schema,
    load_programme,
    nodes,
    read_yaml,
)
from incentives.policy.perturb import loose_numbers
from incentives.policy.walk import Place, walk

DOCUMENT = Path(policy.__file__).parents[2] / "docs" / "language.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.S | re.M)
HEAD = (
    "code", "city", "case_type", "title", "summary", "verb", "source", "bureaus", "roles",
)  # fmt: skip


def whole(block: str) -> str:
    """A piece laid over the head of the file that stands first in the document."""
    first, piece = (yaml.load(text, Loader=yaml.BaseLoader) for text in (BLOCKS[0], block))
    data = {key: first[key] for key in HEAD} | piece
    if not isinstance(data["amount"], list):
        data["amount"] = [data["amount"]]
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qingdao").mkdir()
    return tmp_path / "qingdao"


def read(folder: Path, block: str) -> tuple[Programme, dict[str, Any]]:
    path = folder / "example-award.yaml"
    path.write_text(whole(block), encoding="utf-8")
    return load_programme(path), read_yaml(path).data


each_block = pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))


@each_block
def test_every_piece_runs_and_every_number_of_it_is_guarded(folder: Path, block: str) -> None:
    programme, data = read(folder, block)
    assert {e.title.en: failures(programme, e) for e in programme.examples} == {
        e.title.en: [] for e in programme.examples
    }
    assert loose_numbers(data) == []


def test_every_node_and_condition_is_in_the_document(folder: Path) -> None:
    shown = {type(p) for b in BLOCKS for p, _ in walk(read(folder, b)[0], Place((), {}))}
    told = set(re.findall(r"`(\w+)[`:]", DOCUMENT.read_text(encoding="utf-8")))
    kinds = {**nodes.KINDS, **conditions.KINDS, **derived.KINDS}
    assert {name for name, model in kinds.items() if model not in shown} - told == set()
    assert {*conditions.FITS} - told == set()


def test_the_schema_knows_every_part_of_a_file() -> None:
    properties = json_schema()["properties"].keys()
    assert properties == Programme.model_fields.keys()
    assert {model.__name__ for model in nodes.KINDS.values()} - json_schema()[
        "$defs"
    ].keys() == set()


FAULTS = [
    (
        "growth_rate_of", "when_last_zero: 0%", "when_last_zero: none",
        "43: derived.growth.when_last_zero: 'none' is not a number; write 5% or 0.05",
    ),
    (
        "growth_rate_of", "growth_rate_of", "growth_of",
        ("35: derived.growth: this is no derived value; write one of growth_rate_of, series_index, "
        "years_since, count_of, total_of, amount"),
    ),
    (
        "growth_rate_of", "{fact: growth}}", "{fact: grow}}",
        ("53: amount.0.rate.fact: there is no fact 'grow'; write one of: revenue, "
        "revenue_last_year, growth"),
    ),
    (
        "unit: rows", "per: [id_number]", "per: [name]",
        "63: caps.0.per.0: there is no fact 'name'; write one of: id_number, hours, fee",
    ),
    (
        "limit: {least_of", "[3000, tax_paid]", "[3000, tax]",
        ("55: caps.0.limit.least_of.1: there is no fact 'tax'; write one of: project, spent_in, "
        "tax_paid, cost"),
    ),
    (
        "already_granted", "period: life", "period: month",
        "42: tallies.investment.period: 'month' is not allowed; write 'life' or 'year'",
    ),
    (
        "payers:", "due: award", "due: soon",
        ("37: schedule.0.due: 'soon' is no time of payment; write award, {months: 12}, "
        "{day: 06-30, years: 1}, {stage: {zh: …, en: …}} or {evaluation: {zh: …, en: …}}"),
    ),
    (
        "evaluation:", "{evaluation:", "{passed:",
        ("51: schedule.2.due: 'passed' is no "
        "time of payment; write award, {months: 12}, {day: 06-30, years: 1}, {stage: {zh: …, en: "
        "…}} or {evaluation: {zh: …, en: …}}"),
    ),
    (
        "evaluation:", "06-30", "02-29",
        ("44: schedule.1.due.day: '02-29' is no day of every year; write 06-30 (month-day), and "
        "02-28 for the end of February"),
    ),
    (
        "evaluation:", "06-30", "6-31",
        ("44: schedule.1.due.day: '6-31' is no day of every year; write 06-30 (month-day), and "
        "02-28 for the end of February"),
    ),
    (
        "evaluation:", "06-30", "midsummer",
        ("44: schedule.1.due.day: 'midsummer' is no month and day; write 06-30 (month-day), and "
        "02-28 for the end of February"),
    ),
    (
        "payers:", "share: 60%", "share: 70%",
        "47: payers: the shares of the payers are not 100%; correct the shares",
    ),
    (
        "moves_up: true}", "ties: earlier", "ties: some",
        "45: round.rank.ties: 'some' is not allowed; write 'all', 'none' or 'earlier'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("piece", "old", "new", "fault"), FAULTS)
def test_a_fault_is_told_with_its_line_and_its_remedy(
    folder: Path, piece: str, old: str, new: str, fault: str
) -> None:
    block = next(found for found in BLOCKS if piece in found)
    assert old in block
    with pytest.raises(FileError) as caught:
        read(folder, block.replace(old, new, 1))
    assert [str(p).split("yaml:", 1)[1] for p in caught.value.problems] == [fault]
