"""Every part of the programme language is told to people, in both languages, without a gap."""

from datetime import date

import pytest
import yaml
from django.utils.translation import override

from incentives.policy import Programme, assess, programme_from_json, render
from incentives.policy.overrides import read_settings
from incentives.presenters.amounts import tell_amount
from incentives.presenters.assessments import tell_assessment
from incentives.presenters.caps import counted
from incentives.presenters.highest import highest
from incentives.presenters.programmes import Page, tell_example
from incentives.presenters.telling import Told, in_line
from incentives.presenters.terms import tell_terms
from tests.incentives.policy.test_language_document import BLOCKS, whole

CHINESE = range(0x4E00, 0x9FFF)


def programme(block: str) -> Programme:
    return programme_from_json(yaml.load(whole(block), Loader=yaml.BaseLoader))


def page(rules: Programme) -> Page:
    """A page of rules that stand in no database."""
    found = Page.__new__(Page)
    found.rules, found.settings = rules, read_settings(rules, {})
    return found


def told(rules: Programme) -> list[str]:
    settings = read_settings(rules, {})
    words = [in_line(part) for part in everything(tell_amount(rules, settings))]
    words += [in_line(part) for part in everything(tell_terms(rules, settings))]
    found = page(rules)
    words += [found.payer, *(f"{c.limit} {c.counted}" for c in found.ceilings)]
    for example in rules.examples:
        shown = tell_example(rules, example)
        words += [shown.result, *(word for pair in shown.facts for word in pair)]
    return words


def everything(parts: tuple[Told, ...]) -> list[Told]:
    return [one for part in parts for one in (part, *everything(part.parts))]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_programme_is_told_in_both_languages(language: str, block: str) -> None:
    rules = programme(block)
    with override(language):
        words = told(rules)
    assert [word for word in words if not word.strip()] == []
    if language == "en":
        assert [word for word in words if any(ord(letter) in CHINESE for letter in word)] == []


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_assessment_is_told_in_both_languages(language: str, block: str) -> None:
    rules = programme(block)
    for example in rules.examples:
        given = dict(example.facts)
        if example.recognitions is not None:
            given["recognitions"] = list(example.recognitions)
        found = assess(rules, example.day, given, example.choices, example.settings)
        with override(language):
            shown = tell_assessment(rules, found)
        assert shown.words
        assert [step.says for step in shown.steps if not step.says.strip()] == []
        assert render(found)["decision"] == found.decision


def block_with(words: str) -> Programme:
    return programme(next(block for block in BLOCKS if words in block))


def in_english(rules: Programme) -> tuple[list[str], list[str]]:
    settings = read_settings(rules, {})
    with override("en"):
        amounts = [in_line(part) for part in tell_amount(rules, settings)]
        return amounts, [in_line(part) for part in tell_terms(rules, settings)]


def test_growth_is_told_as_rate_and_increase() -> None:
    assert in_english(block_with("growth_rate_of")) == (
        [
            (
                "A share of the sum below as high as “Growth” What the first, of this year, is "
                "more than the second, of last year: “Revenue”; “Revenue last year”"
            )
        ],
        [
            "The growth from “Revenue last year” to “Revenue”; where the first is 0: 0%",
        ],
    )


def test_a_round_is_told_rule_by_rule() -> None:
    _, terms = in_english(block_with("moves_up: true}"))
    assert terms == [
        (
            "Decided in a round with other applications: "
            "The first 2 are in, the highest “Growth” first; "
            "Of equals at the last place the earlier filed are in; "
            "When one withdraws, the next is let in; "
            "A budget of CNY 100.00; where it is short, all are cut in proportion"
        )
    ]


def test_a_cap_on_rows_is_counted_by_the_column_of_its_roster() -> None:
    rules = block_with("unit: rows")
    with override("en"):
        found = page(rules).ceilings[0]
    assert (found.limit, found.counted) == (
        "1 rows",
        "for each “Identity number”, in all, over all years",
    )


def test_payers_and_what_is_to_be_recovered_are_told() -> None:
    with override("en"):
        assert page(block_with("payer: district")).payer == "The city 60%, The district 40%"
        rules = block_with("settle:")
        facts = {"heads": 1, "advanced": 2000}
        steps = tell_assessment(rules, assess(rules, date(2021, 6, 1), facts)).steps
    assert steps[-1].says == "CNY 1,000.00 was advanced too much and is to be recovered"


def test_the_most_of_a_limit_worked_out_from_facts_is_bounded_by_its_numbers() -> None:
    rules = block_with("limit: {least_of")
    assert str(highest(rules, read_settings(rules, {}))) == "3000.00"


def test_what_a_tally_counts_is_told() -> None:
    rules = block_with("already_granted")
    with override("en"):
        assert counted(rules, ("subject",), "life", "approval") == (
            "for each “Project number”, in all, over all years"
        )
