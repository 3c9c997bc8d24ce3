"""Whatever is submitted, the answer is an assessment or a refusal that names the field."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incentives.policy import InputError, assess, dumps, render, render_error
from tests.incentives.policy.builders import FACTS, ON, assumption, parameter, programme

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=30)
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
columns = FACTS["team"]["columns"]
rosters = st.lists(st.dictionaries(st.sampled_from(list(columns)), anything, max_size=4))
WHOLE = programme(
    conditions=[
        {
            "any_of": [
                {"fact": "day", "within": {"years": "@years"}},
                {"not": {"fact": "first", "is": "true"}},
            ]
        },
        {"fact": "share", "at_most": "100%"},
    ],
    amount=[
        {"rate_of": "funds", "rate": {"between": ["3%", "5%"]}, "at_most": "@most"},
        {"by_band": "people", "bands": "@bands"},
        {"sum_over": "team", "each": {"up_to": {"by": "rank", "table": "@ranks"}}},
    ],
    parameters={
        "years": parameter("integer", "3"),
        "most": parameter("money"),
        "bands": parameter("bands"),
        "ranks": parameter("table"),
        "fields": parameter("text_list"),
    },
    assumptions={"span": assumption("life", "year"), "who": assumption([], ["applicant"])},
    caps=[
        {
            "id": "a",
            "label": {"zh": "上限", "en": "cap"},
            "limit": "5",
            "per": "@who",
            "period": "@span",
            "printed": "true",
            "when": {"fact": "note", "in": "@fields"},
        }
    ],
)


def answer(facts: Any, choices: Any, settings: Any) -> dict[str, Any]:
    try:
        return render(assess(WHOLE, ON, facts, choices, settings))
    except InputError as error:
        return render_error(error)


def told(found: dict[str, Any]) -> None:
    """Plain JSON; a refusal has a field, and says in both languages what to write."""
    error = json.loads(dumps(found)).get("error")
    if error is not None:
        said = [error["field"], *error["problem"].values(), *error["expected"].values()]
        assert [bool(part) for part in said] == [True] * 5


@given(st.dictionaries(st.sampled_from([*FACTS, "other"]), anything | rosters) | anything)
def test_any_facts(facts: Any) -> None:
    told(answer(facts, {}, {}))


@given(st.dictionaries(st.sampled_from(["rate", "amount", "other"]), anything) | anything)
def test_any_choices(choices: Any) -> None:
    facts = {"funds": "100", "people": "3", "team": [{"rank": "junior"}]}
    settings = {"most": "9", "ranks": {"senior": "2", "junior": "1"}}
    told(answer(facts, choices, settings))


names = st.sampled_from(["years", "most", "bands", "ranks", "fields", "span", "who", "other"])
bands = st.lists(st.dictionaries(st.sampled_from(["from", "to", "amount"]), anything))


@given(st.dictionaries(names, anything | bands) | anything)
def test_any_settings(settings: Any) -> None:
    facts = {"funds": "100", "people": "3", "day": "2020-01-01", "note": "x", "share": "1%"}
    told(answer(facts, {}, settings))
