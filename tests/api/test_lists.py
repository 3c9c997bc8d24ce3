"""Filters, and pages by the last row seen."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from reviews.api.serializers import ApplicationSerializer
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api, errors

CODE = "enterprise-tech-centre-award"
OTHER = "engineering-centre-award"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


def every_page(api: Api, path: str) -> list[list[Any]]:
    pages, there = [], path
    while there:
        answer = api.get(there)
        pages.append([row["id"] for row in answer["results"]])
        there = there_of(answer["next"])
    return pages


def there_of(link: str | None) -> str:
    parts = urlsplit(link or "")
    return f"{parts.path.removeprefix('/api/')}?{parts.query}" if link else ""


@pytest.fixture
def cast(db: None) -> factories.Cast:
    return factories.Cast(CODE)


def test_cases_by_deadline_page_after_page(cast: factories.Cast) -> None:
    first, second, third, closed = (factories.submitted(cast) for _ in range(4))
    for case, day in ((first, "2026-12-09"), (second, "2026-12-08"), (third, "2026-12-09")):
        type(case).objects.filter(pk=case.pk).update(due_on=day)
    type(closed).objects.filter(pk=closed.pk).update(due_on=None)
    reader = Api(cast.of("drc", Role.PREPARER))
    expected = [second.pk, first.pk, third.pk, closed.pk]
    assert every_page(reader, "cases/?page_size=1") == [[pk] for pk in expected]
    assert every_page(reader, "cases/?page_size=3") == [expected[:3], expected[3:]]


def test_a_case_written_out_in_a_list_is_what_its_fields_say(cast: factories.Cast) -> None:
    waiting, accepted = factories.submitted(cast), factories.accepted(cast)
    type(waiting).objects.filter(pk=waiting.pk).update(due_on=None)
    listed = Api(cast.of("drc", Role.PREPARER)).get("cases/")["results"]
    by_field = [ApplicationSerializer(factories.fresh(case)).data for case in (accepted, waiting)]
    assert listed == by_field


def test_many_without_a_deadline_come_by_their_numbers(cast: factories.Cast) -> None:
    cases = [factories.submitted(cast) for _ in range(5)]
    type(cases[0]).objects.filter(pk__in=[case.pk for case in cases[1:]]).update(due_on=None)
    reader = Api(cast.of("drc", Role.PREPARER))
    expected = [case.pk for case in cases]
    assert every_page(reader, "cases/?page_size=2") == [expected[:2], expected[2:4], expected[4:]]


def test_a_page_is_found_by_one_comparison_of_the_whole_key(cast: factories.Cast) -> None:
    for _ in range(3):
        factories.submitted(cast)
    reader = Api(cast.of("drc", Role.PREPARER))
    following = there_of(reader.get("cases/?page_size=1")["next"])
    with CaptureQueriesContext(connection) as seen:
        reader.get(following)
    whole_key = '("reviews_application"."due_on", "reviews_application"."id") > ('
    assert [whole_key in query["sql"] for query in seen.captured_queries].count(True) == 1


def test_a_page_stays_where_it_was_when_rows_come_in_front(cast: factories.Cast) -> None:
    old = [factories.draft(cast).pk for _ in range(3)]
    api = Api(cast.clerk)
    page = api.get("applications/?page_size=2")
    factories.draft(cast)
    rest = api.get(there_of(page["next"]))
    assert [row["id"] for row in rest["results"]] == [old[0]]
    assert rest["next"] is None


def test_a_list_is_never_counted(cast: factories.Cast) -> None:
    factories.submitted(cast)
    reader = Api(cast.of("drc", Role.PREPARER))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        reader.get("cases/")
    assert [query for query in seen.captured_queries if "COUNT(" in query["sql"]] == []


def test_a_list_costs_the_same_for_one_row_and_for_many(cast: factories.Cast) -> None:
    reader = Api(cast.of("drc", Role.PREPARER))
    factories.submitted(cast)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            reader.get("cases/")
        costs.append(len(seen))
        for _more in range(3):
            factories.submitted(cast)
    assert costs[0] == costs[1]


NOWHERE = ["x", "bm9uc2Vuc2U=", "W10=", "WyIxIiwiMiIsIjMiXQ==", "WyJhIl0="]
BEYOND = "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0="


@pytest.mark.parametrize("cursor", [*NOWHERE, BEYOND])
def test_a_cursor_of_nowhere_is_refused(cast: factories.Cast, cursor: str) -> None:
    answer = Api(cast.clerk).get(f"applications/?cursor={cursor}", 400)
    told = "This is no place in this list; begin without a cursor."
    assert errors(answer) == {"cursor": told}


@pytest.mark.parametrize("size", ["0", "501", "-1", "many", "1e3", "２"])
def test_a_page_size_out_of_bounds_is_refused(cast: factories.Cast, size: str) -> None:
    answer = Api(cast.clerk).get(f"applications/?page_size={size}", 400)
    assert errors(answer) == {"page_size": "Write a whole number from 1 to 500."}


def found(api: Api, query: str) -> list[int]:
    return [row["id"] for row in api.get(f"cases/?{query}")["results"]]


def test_cases_by_filter(cast: factories.Cast) -> None:
    case, waiting = factories.accepted(cast), factories.submitted(cast)
    type(waiting).objects.filter(pk=waiting.pk).update(due_on="2020-01-06")
    other = factories.submitted(factories.Cast(OTHER))
    everybody = Api(factories.make_staff(Role.AUDITOR))
    assert found(everybody, "state=accepted") == [case.pk]
    assert found(everybody, f"programme={OTHER}") == [other.pk]
    assert found(everybody, "task=opinion") == [case.pk]
    assert found(everybody, "overdue=true") == [waiting.pk]
    assert found(everybody, "bureau=market") == [case.pk]
    assert found(everybody, f"applicant={other.applicant.uscc}") == [other.pk]
    assert found(everybody, f"applicant={other.applicant.name}") == [other.pk]
    assert set(found(everybody, "overdue=false")) == {case.pk, other.pk}
    assert found(everybody, "state=awarded") == []


def test_a_filter_that_does_not_exist_in_its_choices_is_refused(cast: factories.Cast) -> None:
    answer = Api(cast.clerk).get("applications/?state=dreaming", 400)
    assert [error["attr"] for error in answer["errors"]] == ["state"]


def test_the_ledger_by_filter(cast: factories.Cast) -> None:
    case = factories.determined(cast)
    finance = Api(cast.of("finance", Role.FINANCE_PREPARER))
    (line,) = finance.get("ledger/")["results"]
    assert (line["stage"], line["amount"]) == ("reserved", "5000000.00")
    year = line["year"]
    for query, rows in {
        f"year={year}": 1,
        f"year={year - 1}": 0,
        f"approval_year={year}": 1,
        f"programme={CODE}": 1,
        f"programme={OTHER}": 0,
        f"document={case.programme.document.code}": 1,
        "document=none-such": 0,
        "city=qingdao": 1,
        "payer=city": 1,
        "payer=district": 0,
        "bureau=drc": 1,
        "bureau=sti": 0,
        "district=laoshan": 1,
        "district=shinan": 0,
        f"applicant={cast.party.uscc}": 1,
        "applicant=nobody": 0,
        "stage=reserved": 1,
        "stage=paid": 0,
        f"case_number={case.number}": 1,
    }.items():
        assert len(finance.get(f"ledger/?{query}")["results"]) == rows, query


def test_caps_and_pools(cast: factories.Cast) -> None:
    factories.determined(cast)
    approver = Api(cast.of("finance", Role.FINANCE_APPROVER))
    wanted = {
        "city": "qingdao",
        "code": "all",
        "year": approver.get("awards/")["results"][0]["approval_year"],
        "title": "全市",
        "limit": "6000000.00",
        "basis": "预算",
    }
    made = approver.post("pools/", wanted, 201)
    assert (made["limit"], made["used"]) == ("6000000.00", "5000000.00")
    assert approver.get(f"pools/?year={wanted['year']}")["results"] == [made]
    approver.post("pools/", wanted | {"limit": "1.00"}, 409)
    strange = approver.post("pools/", wanted | {"programmes": ["none-such"]}, 400)
    assert [error["attr"] for error in strange["errors"]] == ["programmes"]
    cap = next(row for row in approver.get("caps/?kind=pool")["results"])
    assert (cap["limit"], cap["used"], cap["left"]) == ("6000000.00", "5000000.00", "1000000.00")
    assert approver.get("caps/?kind=pool&full=true")["results"] == []


def queries() -> list[tuple[str, list[str]]]:
    """Every GET of the API, and what its schema says of the query."""
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    found = []
    for path, methods in paths.items():
        if "get" in methods:
            asked = methods["get"].get("parameters", [])
            found.append((path, [one["name"] for one in asked if one["in"] == "query"]))
    return found


def test_every_door_refuses_what_it_is_not_asked_and_says_what_it_takes(db: None) -> None:
    found, wrong = queries(), []
    assert len([names for _path, names in found if "cursor" in names]) > 20
    reader = Api(factories.make_staff(Role.AUDITOR))
    for path, names in found:
        here = re.sub(r"\{[^}]*\}", "1", path).removeprefix("/api/")
        if "documents/1/" in here:
            here = here.replace("documents/1/", f"documents/{UNKNOWN}/")
        answer = reader.send("GET", f"{here}?nonsense=1")
        told = errors(answer.json()) if answer.status_code == 400 else {}
        listed = told.get("nonsense", "").rpartition(": ")[2].rstrip(".").split(", ")
        if list(told) != ["nonsense"] or (names and set(listed) != set(names)):
            wrong.append((path, answer.status_code, told, names))
    assert wrong == []


def test_what_it_takes_is_said_in_the_readers_language(db: None) -> None:
    reader = Api(factories.make_user(), language="zh-hans")
    assert "没有此参数" in errors(reader.get("notices/?nonsense=1", 400))["nonsense"]
    assert "不带参数" in errors(reader.get("me/?nonsense=1", 400))["nonsense"]
    reader.get("notices/?unread=true&page_size=5&cursor=&format=json")
