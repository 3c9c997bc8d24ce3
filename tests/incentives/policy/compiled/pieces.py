"""Small programmes that between them hold every piece of the language, in each other's way."""

from typing import Any

from incentives.policy import Programme
from tests.incentives.policy.builders import FACTS, assumption, fact, parameter, programme, words

OPTIONAL = {
    **FACTS,
    "audited": fact("money", "audited", optional="true"),
    "taxed": fact("money", "taxed", optional="true"),
    "last": fact("money", "last year", maximum="9000000000000000"),
    "since": fact("year", "since"),
    "until_day": fact("date", "until"),
    "other_level": fact("choice", of={"city": words(), "village": words()}),
    "seats": fact("integer", "seats", optional="true"),
}
DERIVED: dict[str, Any] = {
    "growth": {
        "type": "percent",
        "label": words(),
        "growth_rate_of": {"this": "funds", "last": "last"},
        "when_last_zero": "unknown",
    },
    "grown": {
        "type": "percent",
        "label": words(),
        "growth_rate_of": {
            "this": {"sum_of": ["funds", "taxed"], "missing": "left_out"},
            "last": "last",
        },
        "when_last_zero": "@zero",
    },
    "nth": {
        "type": "integer",
        "label": words(),
        "series_index": {"from": "since", "at": "on"},
        "years": "@years",
    },
    "nth_day": {
        "type": "integer",
        "label": words(),
        "series_index": {"from": "day", "at": "spent_in"},
        "years": "3",
    },
    "age": {"type": "integer", "label": words(), "years_since": "day"},
    "seniors": {
        "type": "integer",
        "label": words(),
        "count_of": "team",
        "where": {"any_of": [{"fact": "rank", "is": "senior"}, {"fact": "trained", "is": "true"}]},
    },
    "wages": {
        "type": "money",
        "label": words(),
        "total_of": "team",
        "column": "cost",
        "where": {"fact": "rank", "is": "senior"},
    },
    "all_wages": {"type": "money", "label": words(), "total_of": "team", "column": "cost"},
    "base": {
        "type": "money",
        "label": words(),
        "amount": {
            "least_of": ["audited", "taxed", {"rate_of": "funds", "rate": "33.3%"}],
            "missing": "left_out",
        },
    },
    "twice": {"type": "money", "label": words(), "amount": {"sum_of": ["base", "base"]}},
}
PARAMETERS = {
    "zero": parameter("rate"),
    "years": parameter("integer", "3"),
    "most": parameter("money"),
    "rates": parameter("rate_bands"),
}


def derived(*keys: str) -> dict[str, Any]:
    return {key: DERIVED[key] for key in keys}


def parameters(*keys: str) -> dict[str, Any]:
    return {key: PARAMETERS[key] for key in keys}


def made(**changes: Any) -> Programme:
    return programme(facts=OPTIONAL, **changes)


def cap(**more: Any) -> dict[str, Any]:
    fixed = {
        "id": "most",
        "label": words(),
        "per": ["applicant"],
        "period": "life",
        "printed": "true",
    }
    return {**fixed, **more}


def pieces() -> dict[str, Programme]:
    return {
        "growth": made(
            derived=derived("growth"),
            conditions=[{"fact": "growth", "at_least": "5%"}],
            amount={"rate_of": "funds", "rate": {"fact": "growth"}, "at_most": "500000"},
        ),
        "growth-settings": made(
            derived=derived("grown"),
            parameters=parameters("zero", "rates"),
            amount=[
                {"rate_of": "funds", "rate": {"by_band": "grown", "bands": "@rates"}},
                {
                    "rate_of": "funds",
                    "rate": {"fact": "grown"},
                    "when": {"fact": "grown", "below": "10%"},
                },
            ],
        ),
        "series": made(
            derived=derived("nth", "nth_day", "age"),
            parameters=parameters("years", "most"),
            conditions=[
                {"any_of": [{"fact": "age", "above": "1"}, {"fact": "nth_day", "in": ["1", "2"]}]}
            ],
            amount=[
                {"by": "nth", "table": {"1": "1000.05", "2": "500", "3": "@most"}},
                {"by": "spent_in", "table": {"2021": "7", "2022": "8"}},
                {"per_head": "age", "each": {"between": ["10", "20.55"]}},
                {
                    "by_band": "age",
                    "bands": [
                        {"from": "0", "to": "3", "amount": "5"},
                        {"from": "3", "amount": "9"},
                    ],
                },
            ],
        ),
        "rosters": made(
            derived=derived("seniors", "wages", "all_wages"),
            conditions=[{"fact": "seniors", "at_least": "1"}],
            amount=[
                {"rate_of": "wages", "rate": "12.345%"},
                {"rate_of": "all_wages", "rate": "1%"},
                {
                    "sum_over": "team",
                    "where": {"fact": "trained", "is": "true"},
                    "each": {"up_to": {"by": "rank", "table": {"senior": "100", "junior": "50.5"}}},
                },
                {"per_head": "team", "each": "0.01"},
            ],
        ),
        "rows-look-out": made(
            amount={
                "sum_over": "team",
                "where": {"fact": "first", "is": "true"},
                "each": {"least_of": ["cost", "funds"]},
            },
        ),
        "rows-counted": made(
            amount={"sum_over": "team", "each": {"rate_of": "cost", "rate": "50%"}},
            caps=[cap(limit="1", unit="rows", over="team", per=["rank"])],
        ),
        "left-out": made(
            derived=derived("base", "twice"),
            amount=[
                {
                    "least_of": ["audited", "taxed"],
                    "missing": "left_out",
                    "when": {"fact": "first", "is": "true"},
                },
                {"greatest_of": ["audited", "base", {"fact": "taxed"}], "missing": "left_out"},
                {
                    "sum_of": [
                        "audited",
                        {"per_head": "seats", "each": {"between": ["1", "2"]}},
                        "funds",
                    ],
                    "missing": "left_out",
                },
                {"fact": "taxed", "missing": "@most", "at_most": "100000.01"},
                "twice",
            ],
            parameters=parameters("most"),
        ),
        "bounds": made(
            amount=[
                {
                    "rate_of": "funds",
                    "rate": {"between": ["1.5%", "2.5%"]},
                    "at_least": "300",
                    "at_most": {"by": "level", "table": {"national": "@most", "city": "5000.55"}},
                    "nothing_below": {"by": "level", "table": {"national": "100", "city": "@most"}},
                },
                {"increase_of": {"this": "funds", "last": {"rate_of": "last", "rate": "99.99%"}}},
                {"less": [{"up_to": "70000"}, "other_funds"]},
                {
                    "settle": {
                        "actual": {"match": "funds", "ratio": "1.5"},
                        "advanced": "other_funds",
                    }
                },
                {"bands": {"of": {"less": ["funds", "other_funds"]}, "marginal": "@rates"}},
            ],
            parameters=parameters("most", "rates"),
            caps=[
                cap(
                    limit={
                        "least_of": ["3000000", {"rate_of": "taxed", "rate": "33.333%"}],
                        "missing": "left_out",
                    },
                    when={"fact": "first", "is": "true"},
                ),
                cap(id="awards", limit="1", unit="awards"),
                cap(
                    id="by", limit={"by": "level", "table": {"national": "400000", "city": "@most"}}
                ),
            ],
        ),
        "registers": made(
            conditions=[
                {
                    "any_of": [
                        {"held": {"title": "gazelle", "level": ["national", "city"]}},
                        {"not_held": {"title": "black-list"}},
                    ]
                },
                {"first_time": {"title": "unicorn"}},
                {"any_of": [{"held": {"title": "gazelle"}}, {"fact": "funds", "above": "1000"}]},
            ],
            amount={"fixed": "100", "when": {"held": {"title": "gazelle"}}},
        ),
        "other-facts": made(
            conditions=[
                {"fact": "funds", "at_least": {"fact": "other_funds"}},
                {"fact": "day", "on_or_before": {"fact": "until_day"}},
                {
                    "any_of": [
                        {"fact": "level", "is": {"fact": "other_level"}},
                        {"fact": "share", "below": "50%"},
                    ]
                },
                {"not": {"fact": "spent_in", "below": {"fact": "since"}}},
                {"fact": "people", "at_most": "1000000"},
                {"fact": "day", "at_least_ago": {"years": "1"}},
                {"fact": "until_day", "within": {"days": "400"}},
            ],
            amount={"rate_of": "funds", "rate": {"fact": "share"}, "at_most": "1000000"},
        ),
        "round": made(
            conditions=[{"fact": "first", "is": "true"}],
            amount=[{"up_to": "1000", "when": {"fact": "level", "is": "city"}}, "funds"],
            round={
                "label": words(),
                "rank": {
                    "by": "share",
                    "order": "highest",
                    "first": "2",
                    "ties": "all",
                    "moves_up": "true",
                },
            },
        ),
        "readings": made(
            assumptions={"span": assumption("life", "year"), "level": assumption("10", "20")},
            conditions=[{"fact": "people", "at_least": "@level"}],
            amount={
                "greatest_of": [{"match": "funds", "ratio": "0.005"}, {"between": ["1", "@most"]}]
            },
            parameters=parameters("most"),
            caps=[cap(limit="7777.77", period="@span")],
        ),
    }
