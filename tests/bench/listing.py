"""Lists of cases through the API's view, its sign-in and throttle left out, fifty rows a page."""

import json
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection, connections
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory, force_authenticate

from applicants.models import User
from incentives.models import Programme
from reviews.api.cases import CaseDoors
from reviews.models import Application
from reviews.models.staff import Role
from tests.bench import case_rows
from tests.bench.clock import seconds
from tests.bench.lines import SIZES, Line, own_database
from tests.factories import make_staff

PAGE, DEEP, FEW, ROUNDS = 50, 10_000, 1_000, 60
CODE = "enterprise-tech-centre-award"


class List(CaseDoors):
    throttle_classes = ()


@dataclass(frozen=True)
class Reader:
    """One way to look at the cases: who asks, and with which filter of those offered."""

    name: str
    user: User
    asked: Mapping[str, str]

    def page(self, cursor: str = "") -> Any:
        query = {**self.asked, **({"cursor": cursor} if cursor else {})}
        request = APIRequestFactory().get("/api/cases/", query)
        force_authenticate(request, self.user)
        return List.as_view({"get": "list"})(request).render()

    def rows(self) -> QuerySet[Application]:
        """What the view selects from, in its order."""
        request = Request(APIRequestFactory().get("/api/cases/", dict(self.asked)))
        request.user = self.user
        view = List(request=request, action="list", format_kwarg=None)
        found: QuerySet[Application] = view.filter_queryset(view.get_queryset())
        return found.order_by("due_on", "id")

    def cursor_of_page(self, number: int) -> str:
        """Where the page before ends."""
        row = self.rows()[PAGE * (number - 1) - 1]
        last = [None if row.due_on is None else str(row.due_on), str(row.pk)]
        return urlsafe_b64encode(json.dumps(last).encode()).decode()


def readers() -> list[Reader]:
    auditor = make_staff(Role.AUDITOR)
    bureau = Programme.objects.get(city="qingdao", code=CODE).handling_bureau.code
    return [
        Reader("all of the city", auditor, {}),
        Reader("by state", auditor, {"state": "accepted"}),
        Reader("by programme", auditor, {"programme": CODE}),
        Reader("late", auditor, {"overdue": "true"}),
        Reader("a bureau's", make_staff(Role.PREPARER, bureau), {}),
    ]


def first_over_sql(_cases: int) -> float:
    """The first page over the bare SQL of the same rows and columns; the worst of the readers."""

    def over_sql(reader: Reader) -> float:
        sql, params = reader.rows()[: PAGE + 1].query.sql_with_params()

        def bare() -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                cursor.fetchall()

        return _ratio(reader.page, bare)

    return _worst("list_first_vs_sql", readers(), over_sql)


def deep_over_first(cases: int) -> float:
    """Page 10,000, or the one in the middle of fewer, over the first: of all of a city's cases."""
    reader = readers()[0]
    cursor = reader.cursor_of_page(min(DEEP, cases // PAGE // 2))
    return _ratio(lambda: reader.page(cursor), reader.page)


def first_over_few(_cases: int) -> float:
    """The first page over its own time where there are only a thousand cases."""
    many = readers()
    with beside() as few:
        fewer = few.use(readers)
        pairs = dict(zip([reader.name for reader in many], fewer, strict=True))

        def over_few(reader: Reader) -> float:
            return _ratio(reader.page, lambda: few.use(pairs[reader.name].page))

        return _worst("list_growth", many, over_few)


class Beside:
    """A connection to another database, in the place of the usual one for the length of a call."""

    def __init__(self, name: str) -> None:
        self.usual = connections["default"]
        self.other = self.usual.copy()
        self.other.settings_dict["NAME"] = name

    def use(self, work: Callable[[], Any]) -> Any:
        connections["default"] = self.other
        try:
            return work()
        finally:
            connections["default"] = self.usual


@contextmanager
def beside() -> Iterator[Beside]:
    """The same few cases in a database of their own."""
    usual = connections["default"].settings_dict["NAME"]
    name = "bench_few"
    with own_database(os.environ["DATABASE_URL"], name):
        case_rows.fill(FEW)
        connections.close_all()
        connections["default"].settings_dict["NAME"] = usual
        few = Beside(name)
        yield few
        few.other.close()


def _worst(name: str, of: list[Reader], ratio: Callable[[Reader], float]) -> float:
    found = {reader.name: ratio(reader) for reader in of}
    told = ", ".join(f"{reader} {value:.2f}" for reader, value in found.items())
    print(f"{name}: {told}", file=sys.stderr)
    return max(found.values())


def _ratio(one: Callable[[], Any], other: Callable[[], Any]) -> float:
    """Of medians, the two in turns; the first turns warm what both will find warm."""
    taken = [(seconds(one), seconds(other)) for _ in range(ROUNDS)][ROUNDS // 6 :]
    return median(a for a, _ in taken) / median(b for _, b in taken)


LINES = [
    Line("list_first_vs_sql", first_over_sql, SIZES, case_rows.fill),
    Line("list_deep_vs_first", deep_over_first, SIZES, case_rows.fill),
    Line("list_growth", first_over_few, SIZES, case_rows.fill),
]
