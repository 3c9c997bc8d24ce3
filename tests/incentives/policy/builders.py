"""A small programme as a file would hold it, with parts replaced by each test."""

from datetime import date
from typing import Any

from incentives.policy import Assessment, Programme, assess, programme_from_json

ON = date(2021, 6, 1)


def words(zh: str = "文字", en: str = "words") -> dict[str, str]:
    return {"zh": zh, "en": en}


def fact(type_: str, en: str = "fact", **more: Any) -> dict[str, Any]:
    return {"type": type_, "label": words("事实", en), **more}


FACTS: dict[str, Any] = {
    "level": fact(
        "choice", of={"national": words("国家级", "national"), "city": words("市级", "city")}
    ),
    "funds": fact("money", "funds"),
    "other_funds": fact("money", "other funds"),
    "people": fact("integer", "people"),
    "share": fact("percent", "share"),
    "day": fact("date", "day"),
    "spent_in": fact("year", "spent in"),
    "first": fact("boolean", "first"),
    "note": fact("text", "note"),
    "number": fact("identifier", "number"),
    "team": fact(
        "roster",
        "team",
        columns={
            "name": fact("text"),
            "rank": fact("choice", of={"senior": words(), "junior": words()}),
            "cost": fact("money", "cost"),
            "trained": fact("boolean", "trained"),
        },
    ),
}


def raw(**changes: Any) -> dict[str, Any]:
    """A programme file as data; `amount` may be a single node."""
    data: dict[str, Any] = {
        "code": "test-award",
        "city": "qingdao",
        "case_type": "award",
        "title": words(),
        "summary": words(),
        "verb": "奖励",
        "source": {"document": "qd-new-industries", "section": "三(一)", "quote": "给予奖励"},
        "in_force": "unset",
        "bureaus": {"printed": ["sti", "finance"], "handling": "sti"},
        "roles": {"applicant": ["enterprise"]},
        "facts": FACTS,
        "amount": [{"fixed": "100"}],
        "examples": [{"title": words(), "decision": "eligible"}],
    }
    data.update(changes)
    if not isinstance(data["amount"], list):
        data["amount"] = [data["amount"]]
    return data


def programme(**changes: Any) -> Programme:
    return programme_from_json(raw(**changes))


def parameter(type_: str, value: Any = "unset", **more: Any) -> dict[str, Any]:
    return {"type": type_, "value": value, "label": words(), **more}


def assumption(reading: Any, *otherwise: Any) -> dict[str, Any]:
    return {
        "reading": reading,
        "otherwise": list(otherwise),
        "question": words("何解？", "which?"),
        "because": words(),
    }


def case(
    given: dict[str, Any] | None = None,
    /,
    choices: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    **changes: Any,
) -> Assessment:
    """Assess a small programme on the facts given; `changes` replace its parts."""
    return assess(programme(**changes), ON, given or {}, choices, settings)


def amount_of(node: Any, **given: Any) -> str:
    """The amount an amount node comes to for the facts given, as text."""
    return str(case(given, amount=node).amount)
