"""The language document keeps its word: every piece of YAML in it loads, and its examples run."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from incentives import policy
from incentives.policy import (
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
