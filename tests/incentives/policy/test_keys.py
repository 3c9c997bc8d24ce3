from decimal import Decimal
from typing import Any

import pytest

from incentives.policy import InputError, cap_requests, event_requests, granted
from tests.incentives.policy.builders import assumption, case, fact, parameter, programme, words

ROLES = {"applicant": "91370200ma3c0001x", "payee": "甲"}
FIELDS = {
    "number": fact("identifier"),
    "spent_in": fact("year"),
    "level": fact("choice", of={"a": words(), "b": words()}),
}


def cap(**changes: Any) -> dict[str, Any]:
    return {
        "id": "unit_year",
        "label": words(),
        "limit": "2000000",
        "per": ["applicant"],
        "period": "year",
        "printed": "true",
        **changes,
    }


def requests(facts: dict[str, Any], caps: list[Any], settings: Any = None, **more: Any) -> Any:
    roles = {"applicant": ["enterprise"], "subject": "number"}
    whole = programme(facts=FIELDS, roles=roles, caps=caps, **more)
    return cap_requests(whole, facts, ROLES, settings or {}, 2026)


def keys(facts: dict[str, Any], **changes: Any) -> list[str]:
    return [r.key for r in requests(facts, [cap(**changes)])]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, "cap:test-award:unit_year:applicant=91370200MA3C0001X:2026"),
        ({"period": "life"}, "cap:test-award:unit_year:applicant=91370200MA3C0001X"),
        ({"per": []}, "cap:test-award:unit_year:2026"),
        (
            {"per": ["subject"], "year_of": "spent_in"},
            "cap:test-award:unit_year:subject=ABC-1:2019",
        ),
        (
            {"per": ["subject", "applicant"], "period": "life"},
            "cap:test-award:unit_year:applicant=91370200MA3C0001X:subject=ABC-1",
        ),
        (
            {"per": ["level", "payee"], "period": "life"},
            "cap:test-award:unit_year:level=A:payee=甲",
        ),
    ],
)
def test_the_key_names_what_is_counted_and_its_year(changes: Any, key: str) -> None:
    assert keys({"number": "abc－1", "spent_in": "2019", "level": "a"}, **changes) == [key]


@pytest.mark.parametrize("typed", ["abc-1", "ABC—1", " ａｂｃ－１ ", "Abc - 1", "ABC\u200b-1"])
def test_a_typo_cannot_open_a_second_cap(typed: str) -> None:
    assert keys({"number": typed}, per=["subject"], period="life") == [
        "cap:test-award:unit_year:subject=ABC-1"
    ]


def test_a_value_cannot_pass_for_two() -> None:
    assert keys({"number": "A:B=C|D%"}, per=["subject"], period="life") == [
        "cap:test-award:unit_year:subject=A%3AB%3DC%7CD%25"
    ]


def test_limits_of_a_request() -> None:
    table = {"by": "level", "table": {"a": "10", "b": "20"}}
    found = requests(
        {"level": "b"}, [cap(limit=table), cap(id="once", unit="awards", limit="1", period="life")]
    )
    assert [(r.cap_id, str(r.limit), r.unit, r.year) for r in found] == [
        ("unit_year", "20.00", "yuan", 2026),
        ("once", "1.00", "awards", None),
    ]


def test_settings_change_the_period_and_the_limit() -> None:
    parts: dict[str, Any] = {
        "assumptions": {"span": assumption("life", "year"), "times": assumption("1", "2")},
        "parameters": {"most": parameter("money")},
    }
    caps = [
        cap(period="@span", limit="@most"),
        cap(id="n", unit="awards", limit="@times", period="life"),
    ]
    found = requests({}, caps, {"span": "year", "most": "5", "times": "2"}, **parts)
    assert [(r.year, r.limit) for r in found] == [(2026, Decimal(5)), (None, Decimal(2))]


@pytest.mark.parametrize(
    ("facts", "changes", "field"),
    [
        ({}, {"per": ["subject"]}, "facts.number"),
        ({}, {"year_of": "spent_in"}, "facts.spent_in"),
        ({}, {"when": {"fact": "level", "is": "a"}}, "facts.level"),
        ({}, {"limit": {"by": "level", "table": {"a": "1", "b": "2"}}}, "facts.level"),
    ],
)
def test_what_a_key_lacks_is_named(facts: Any, changes: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        keys(facts, **changes)
    assert [p.field for p in caught.value.problems] == [field]


def test_an_unset_limit_and_an_absent_role_are_named() -> None:
    with pytest.raises(InputError, match=r"settings\.most"):
        requests({}, [cap(limit="@most")], parameters={"most": parameter("money")})
    with pytest.raises(InputError, match=r"roles\.applicant"):
        cap_requests(programme(caps=[cap()]), {}, {}, {}, 2026)


def test_a_cap_that_does_not_apply_asks_for_nothing() -> None:
    assert keys({"level": "b"}, when={"fact": "level", "is": "a"}) == []


def event(instance: list[str], **changes: Any) -> dict[str, Any]:
    return {"group": "national-centre", "instance": instance, "rule": "highest", **changes}


def test_two_programmes_of_a_group_meet_whatever_their_facts_are_called() -> None:
    one = programme(
        facts={"centre_name": fact("text")}, same_event=[event(["centre_name", "applicant"])]
    )
    other = programme(facts={"name": fact("identifier")}, same_event=[event(["name", "applicant"])])
    first = event_requests(one, {"centre_name": "海尔 （青岛）中心a"}, ROLES, {}, Decimal(500))
    second = event_requests(other, {"name": "海尔(青岛)中心A"}, ROLES, {}, Decimal(300))
    assert [r.key for r in first] == ["event:national-centre:海尔(青岛)中心A|91370200MA3C0001X"]
    assert [r.key for r in second] == [r.key for r in first]
    assert [(r.rule, r.entitlement) for r in first + second] == [("highest", 500), ("highest", 300)]


def test_an_event_of_another_level_is_none() -> None:
    whole = programme(
        facts=FIELDS, same_event=[event(["number"], when={"fact": "level", "in": ["a"]})]
    )
    assert event_requests(whole, {"level": "b"}, ROLES, {}, Decimal(1)) == []


@pytest.mark.parametrize(
    ("used", "left"),
    [
        ("0", "300000"),
        ("150000", "150000"),
        ("299999.99", "0.01"),
        ("300000", "0"),
        ("400000", "0"),
    ],
)
def test_what_a_cap_leaves(used: str, left: str) -> None:
    line = case({}, amount={"fixed": "300000"}, caps=[cap(limit="300000", per=[])]).caps[0]
    found = granted(Decimal(300000), [(line, Decimal(used))])
    assert (found.amount, found.cuts) == (Decimal(left), (Decimal(300000) - Decimal(left),))


def test_the_smaller_room_decides_and_a_spent_count_leaves_nothing() -> None:
    project, unit, once = requests(
        {}, [cap(limit="300"), cap(id="b", limit="200"), cap(id="c", unit="awards", limit="1")]
    )
    used = [(project, Decimal(250)), (unit, Decimal(170)), (once, Decimal(0))]
    assert granted(Decimal(100), used).amount == Decimal(30)
    assert granted(Decimal(100), [*used[:2], (once, Decimal(1))]).amount == 0
