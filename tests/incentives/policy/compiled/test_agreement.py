"""Interpreter, row function and columns answer alike: every programme of the catalogue, every piece
of the language document, and small programmes that hold what the catalogue does not.
"""

from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incentives.policy import Example, load_programme
from incentives.policy.compiled import compile_columns
from tests.incentives.policy.compiled.agreement import disagreements, drawn, readable
from tests.incentives.policy.compiled.drawing import Draw, Source
from tests.incentives.policy.compiled.pieces import pieces
from tests.incentives.policy.test_language_document import BLOCKS, read

CATALOGUE = Path(__file__).parents[4] / "incentives" / "catalogue"
FILES = sorted(CATALOGUE.glob("*/*.yaml"))
PIECES = pieces()
every_programme = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
every_piece = pytest.mark.parametrize("name", PIECES)
chance = given(random=st.randoms(use_true_random=True, note_method_calls=False))


@lru_cache(maxsize=4)
def source(path: Path) -> Source:
    return Source.of(load_programme(path))


@every_programme
@settings(max_examples=3, deadline=None, database=None)
@chance
def test_programmes(path: Path, random: Random) -> None:
    assert drawn(source(path), random, count=12) == []


@every_piece
@settings(max_examples=15, deadline=None, database=None)
@chance
def test_pieces(name: str, random: Random) -> None:
    assert drawn(Source.of(PIECES[name]), random, count=12) == []


@pytest.mark.nightly
@every_programme
@settings(max_examples=100, deadline=None, database=None)
@chance
def test_programmes_over_many_cases(path: Path, random: Random) -> None:
    assert drawn(source(path), random, count=60) == []


@pytest.mark.nightly
@every_piece
@settings(max_examples=1000, deadline=None, database=None)
@chance
def test_pieces_over_many_cases(name: str, random: Random) -> None:
    assert drawn(Source.of(PIECES[name]), random, count=60) == []


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_language_document(tmp_path: Path, block: str) -> None:
    folder = tmp_path / "qingdao"
    folder.mkdir()
    programme, _ = read(folder, block)
    found = [drawn(Source.of(programme), Random(seed), count=15) for seed in range(10)]
    assert found == [[]] * len(found)


@every_programme
def test_worked_examples(path: Path) -> None:
    programme = load_programme(path)
    examples = [e for e in programme.examples if not e.choices and not e.history]
    found = [disagreements(programme, e.settings, e.day, [told(e)]) for e in examples]
    assert found == [[]] * len(found)


def told(example: Example) -> dict[str, Any]:
    if example.recognitions is None:
        return example.facts
    return {**example.facts, "recognitions": list(example.recognitions)}


def test_random_cases_reach_every_decision() -> None:
    """They are no test if all of them are refused."""
    reached = {
        answer
        for name, programme in PIECES.items()
        for seed in range(3)
        for answer in answers(Source.of(programme), Random(f"{name} {seed}"))
    }
    assert reached == {
        "ineligible", "pending_round", "needs_setting", "needs_facts", "needs_choice", "eligible",
    }  # fmt: skip


def answers(source: Source, random: Random) -> list[str]:
    draw = Draw(source, random)
    taken = draw.settings()
    read_ = [readable(source.programme, draw.on, draw.facts(), taken) for _ in range(10)]
    return [found[1].decision for found in read_ if found is not None]


def test_columns_serve_all_but_what_they_say() -> None:
    """A programme whose rows look beyond themselves or are counted is assessed row by row."""
    apart = {name: why for name, p in PIECES.items() if (why := compile_columns(p).by_row)}
    assert apart == {
        "rows-look-out": "a row of a roster reads facts outside it",
        "rows-counted": "a cap counts the rows of a case",
    }
