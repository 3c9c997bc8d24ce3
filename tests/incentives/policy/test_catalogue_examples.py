"""Every programme of the catalogue loads, answers its examples, and quotes its document truly."""

import json
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from incentives import policy
from incentives.policy import Programme, digest, failures, load_programme, programme_from_json
from incentives.policy.perturb import loose_numbers
from incentives.policy.readings import words_of

CATALOGUE = Path(policy.__file__).parent.parent / "catalogue"
FILES = sorted(CATALOGUE.glob("*/*.yaml"))
LOADED: dict[Path, Programme] = {}


def load(path: Path) -> Programme:
    if path not in LOADED:
        LOADED[path] = load_programme(path)
    return LOADED[path]


@cache
def listed(kind: str) -> list[dict[str, Any]]:
    """The rows of a list that the programmes name: cities, bureaus, documents."""
    rows: list[dict[str, Any]] = policy.read_yaml(CATALOGUE / f"{kind}.yaml").data
    return rows


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


each_file = pytest.mark.parametrize("path", FILES, ids=name)


def test_there_are_programmes() -> None:
    assert len(FILES) >= 34


@each_file
def test_examples_come_out_as_worked(path: Path) -> None:
    programme = load(path)
    assert {str(e.title): failures(programme, e) for e in programme.examples} == {
        str(e.title): [] for e in programme.examples
    }


@each_file
def test_examples_have_titles_of_their_own(path: Path) -> None:
    titles = [e.title.zh for e in load(path).examples]
    assert len(set(titles)) == len(titles)


@each_file
def test_changing_any_number_turns_an_example_red(path: Path) -> None:
    assert loose_numbers(policy.read_yaml(path).data) == []


@each_file
def test_the_quote_stands_in_the_document(path: Path) -> None:
    source = load(path).source
    document = CATALOGUE / "sources" / f"{source.document}.txt"
    printed = "".join(document.read_text(encoding="utf-8").split())
    assert [quote for quote in source.quotes if "".join(quote.split()) not in printed] == []


def strangers(programme: Programme) -> set[str]:
    """Bureaus and the document that the programme names and its own city does not have."""
    known = {
        kind: {row["code"] for row in listed(kind) if row["city"] == programme.city}
        for kind in ("bureaus", "documents")
    }
    bureaus = programme.bureaus
    asked = programme.assumptions.get("handling_bureau")
    named = chain(
        bureaus.printed, [bureaus.handling], bureaus.asked, asked.readings if asked else []
    )
    return {str(code) for code in named} - known["bureaus"] | (
        {programme.source.document} - known["documents"]
    )


@each_file
def test_bureaus_and_document_are_in_the_catalogue(path: Path) -> None:
    assert {load(path).city} - {row["code"] for row in listed("cities")} == set()
    assert strangers(load(path)) == set()


@each_file
def test_no_case_is_handled_by_several_bodies_under_one_name(path: Path) -> None:
    """A collective term has no desk."""
    programme = load(path)
    several = {
        row["code"]
        for row in listed("bureaus")
        if row["city"] == programme.city and row["kind"] == "collective"
    }
    assert {programme.bureaus.handling} & several == set()


def test_a_city_does_not_have_the_bureaus_or_documents_of_another() -> None:
    programme = load(CATALOGUE / "dalian" / "dl-product-catalogue.yaml")
    changes = (
        {"bureaus": programme.bureaus.model_copy(update={"printed": ("approval",)})},
        {"bureaus": programme.bureaus.model_copy(update={"handling": "bigdata"})},
        {"bureaus": programme.bureaus.model_copy(update={"opinions": ("private",)})},
        {"source": programme.source.model_copy(update={"document": "qd-sti-plan"})},
    )
    assert [strangers(programme.model_copy(update=change)) for change in changes] == [
        {"approval"},
        {"bigdata"},
        {"private"},
        {"qd-sti-plan"},
    ]


def test_every_city_has_one_finance_bureau_and_each_code_once() -> None:
    bureaus = policy.read_yaml(CATALOGUE / "bureaus.yaml").data
    named = [(row["city"], row["code"]) for row in bureaus]
    cities = {row["code"] for row in policy.read_yaml(CATALOGUE / "cities.yaml").data}
    assert len(set(named)) == len(named)
    assert {city for city, code in named if code == "finance"} == cities


@each_file
def test_a_programme_survives_json_with_its_digest(path: Path) -> None:
    programme = load(path)
    again = programme_from_json(json.loads(json.dumps(programme.to_json(), ensure_ascii=False)))
    assert (again, digest(again)) == (programme, digest(programme))


def test_codes_are_unique_in_the_catalogue() -> None:
    codes = [load(path).code for path in FILES]
    assert len(set(codes)) == len(codes)


def test_programmes_of_one_group_count_the_same_number_of_values() -> None:
    """Otherwise their keys could never meet."""
    lengths: dict[str, set[int]] = {}
    for path in FILES:
        for event in load(path).same_event:
            lengths.setdefault(event.group, set()).add(len(event.instance))
    assert {group: sizes for group, sizes in lengths.items() if len(sizes) > 1} == {}


def test_two_hundred_million_is_enough_and_a_fen_less_is_not() -> None:
    """The printed 2亿元以上 takes in 2亿元 itself."""
    programme = load(CATALOGUE / "qingdao" / "vc-paid-in-capital-award.yaml")
    example = next(e for e in programme.examples if policy_decision(programme, e) == "needs_choice")
    found = {
        capital: decision_with(programme, example, capital)
        for capital in ("200000000", "199999999.99")
    }
    assert found == {"200000000": "needs_choice", "199999999.99": "ineligible"}


def policy_decision(programme: Programme, example: policy.Example) -> str:
    return policy.assess(
        programme, example.day, example.facts, example.choices, example.settings
    ).decision


def decision_with(programme: Programme, example: policy.Example, capital: str) -> str:
    facts = {**example.facts, "paid_in_capital": capital, "new_paid_in_capital": "0"}
    return policy.assess(programme, example.day, facts).decision


@each_file
def test_a_working_in_words_stands_in_both_languages(path: Path) -> None:
    plain = [e.working for e in load(path).examples if isinstance(e.working, str)]
    assert [line for line in plain if any(letter.isalpha() for letter in line)] == []


@each_file
def test_every_reading_has_words(path: Path) -> None:
    programme = load(path)
    codes = [
        (name, reading)
        for name, assumption in programme.assumptions.items()
        for reading in assumption.readings
        if name != "handling_bureau"  # a bureau has its name in the city's own file
        and any(
            letter.isalpha() and letter.isascii()
            for letter in words_of(programme, name, reading).zh
        )
    ]
    assert codes == []


@each_file
def test_words_are_given_to_readings_that_there_are(path: Path) -> None:
    for assumption in load(path).assumptions.values():
        known = {p for r in assumption.readings for p in ((r,) if isinstance(r, str) else r)}
        assert assumption.says.keys() - known == set()


def test_a_fact_of_the_profile_is_asked_the_same_way_everywhere() -> None:
    """A clerk fills it once for all programmes: a key has one type, one label, the same options."""
    asked = [(key, fact) for path in FILES for key, fact in load(path).to_json()["facts"].items()]
    shared = {key for key, fact in asked if fact.get("profile")}
    ways: dict[str, set[str]] = {}
    for key, fact in asked:
        own = {name: fact[name] for name in fact.keys() - {"help", "evidence", "asked_if"}}
        ways.setdefault(key, set()).add(json.dumps(own, ensure_ascii=False, sort_keys=True))
    assert {key: ways[key] for key in shared if len(ways[key]) > 1} == {}
