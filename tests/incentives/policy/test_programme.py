import json
from typing import Any

import pytest
from pydantic import ValidationError

from incentives.policy import cap_requests, digest, json_schema, programme_from_json, table_options
from tests.incentives.policy.builders import assumption, parameter, programme, raw, words

RICH: dict[str, Any] = {
    "conditions": [
        {"not": {"fact": "day", "within": {"years": "3"}}},
        {"fact": "first", "is": True},
    ],
    "amount": [
        {"less": ["funds", {"match": "other_funds", "ratio": "50%"}], "at_most": "@most"},
        {
            "bands": {
                "of": "funds",
                "marginal": [
                    {"from": "0", "to": "5", "rate": "1%"},
                    {"from": "5", "rate": "@rate"},
                ],
            }
        },
        {"sum_over": "team", "each": {"by": "rank", "table": {"senior": "2", "junior": "1"}}},
        {"rate_of": "funds", "rate": {"by": "level", "table": "@rates"}},
    ],
    "parameters": {
        "most": parameter("money", "5"),
        "rate": parameter("rate"),
        "rates": parameter("rates_table"),
    },
    "assumptions": {"who": assumption(["subject"], ["subject", "applicant"])},
    "roles": {"applicant": ["enterprise"], "subject": "number"},
    "caps": [
        {
            "id": "a",
            "label": words(),
            "limit": "5",
            "per": "@who",
            "period": "life",
            "printed": "no",
        }
    ],
    "in_force": {"from": "2020-08-20"},
}


def test_a_programme_survives_json() -> None:
    whole = programme(**RICH)
    again = programme_from_json(json.loads(json.dumps(whole.to_json())))
    assert again == whole
    assert digest(again) == digest(whole)


def test_the_digest_is_of_what_is_said_not_of_how_it_is_typed() -> None:
    one = programme(amount={"fixed": "300000"}, facts=dict(reversed(list(raw()["facts"].items()))))
    assert digest(one) == digest(
        programme(amount={"fixed": "300,000.00"}, facts=one.to_json()["facts"])
    )
    assert digest(one) != digest(programme(amount={"fixed": "300000.01"}))
    assert len(digest(one)) == 64


def test_a_programme_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        programme().code = "other"


def test_opinions_default_to_the_printed_bureaus_but_the_one_that_handles() -> None:
    printed = ["sti", "drc", "finance"]
    assert programme(bureaus={"printed": printed, "handling": "drc"}).bureaus.asked == (
        "sti",
        "finance",
    )
    chosen = {"printed": printed, "handling": "drc", "opinions": ["sti"]}
    assert programme(bureaus=chosen).bureaus.asked == ("sti",)


def test_a_table_parameter_has_the_options_of_the_fact_it_is_looked_up_by() -> None:
    assert table_options(programme(**RICH), "rates") == ("national", "city")
    assert table_options(programme(**RICH), "most") == ()


def test_the_schema_describes_a_file() -> None:
    schema = json_schema()
    assert schema["required"] == [
        "code", "city", "case_type", "title", "summary", "verb", "source", "bureaus", "roles",
        "facts", "examples",
    ]  # fmt: skip
    assert schema["additionalProperties"] is False
    assert {"RateOf", "PerHead", "SumOver", "FactTest", "Cap", "RosterFact"} <= set(schema["$defs"])


@pytest.mark.parametrize(
    ("bands", "problem"),
    [
        ([{"from": "0", "to": "5", "amount": "1"}], "the last band has an end"),
        ([{"from": "0", "to": "5", "amount": "1"}, {"from": "6", "amount": "1"}], "do not meet"),
        ([{"from": "0", "amount": "1"}, {"from": "6", "amount": "1"}], "do not meet"),
        ([{"from": "9", "to": "5", "amount": "1"}, {"from": "5", "amount": "1"}], "do not meet"),
        ([{"from": "0", "amount": 0.5}], "is a float, which is not exact"),
        ([], "the last band has an end"),
    ],
)
def test_bands_must_follow_one_another(bands: list[Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        programme(amount={"by_band": "people", "bands": bands})


def test_keys_of_must_name_the_fact_a_table_is_looked_up_by() -> None:
    node = {"by": "level", "table": "@t"}
    assert programme(amount=node, parameters={"t": parameter("table", keys_of="level")})
    with pytest.raises(ValidationError, match="write keys_of: level"):
        programme(amount=node, parameters={"t": parameter("table", keys_of="first")})


def test_a_set_table_must_have_the_options_as_keys() -> None:
    with pytest.raises(ValidationError, match="missing: city; in excess: county"):
        programme(
            amount={"by": "level", "table": "@t"},
            parameters={"t": parameter("table", {"national": "1", "county": "2"})},
        )


def test_a_cap_cannot_depend_on_the_day_it_is_counted() -> None:
    when = {"fact": "day", "within": {"days": "5"}}
    cap = {"id": "a", "label": words(), "limit": "5", "per": [], "period": "life", "printed": "no"}
    with pytest.raises(ValidationError, match="cannot look back by within"):
        programme(caps=[{**cap, "when": when}])


@pytest.mark.parametrize("reading", ["month", "firm"])
def test_every_reading_of_an_assumption_must_fit_where_it_stands(reading: str) -> None:
    cap = {"id": "a", "label": words(), "limit": "5", "per": [], "printed": "no"}
    with pytest.raises(ValidationError, match=f"'{reading}' is no period"):
        programme(caps=[{**cap, "period": "@x"}], assumptions={"x": assumption("life", reading)})
    with pytest.raises(ValidationError, match=f"there is no fact '{reading}'"):
        programme(
            caps=[{**cap, "period": "year", "year_of": "@x"}],
            assumptions={"x": assumption("approval", reading)},
        )
    with pytest.raises(ValidationError, match=f"there is no fact '{reading}'"):
        programme(
            caps=[{**cap, "period": "year", "per": "@x"}],
            assumptions={"x": assumption([], [reading])},
        )
    with pytest.raises(ValidationError, match=f"'{reading}' is no list"):
        programme(
            caps=[{**cap, "period": "year", "per": "@x"}],
            assumptions={"x": assumption([], reading)},
        )


def test_what_a_cap_counts_may_be_an_assumption() -> None:
    cap = {"id": "a", "label": words(), "limit": "5", "period": "life", "printed": "no"}
    whole = programme(
        caps=[{**cap, "per": "@who"}], assumptions={"who": assumption([], ["applicant"])}
    )
    roles = {"applicant": "X"}
    found = [cap_requests(whole, {}, roles, s, 2026)[0].key for s in ({}, {"who": ["applicant"]})]
    assert found == ["cap:test-award:a", "cap:test-award:a:applicant=X"]
