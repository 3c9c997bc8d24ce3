"""Two steps that lock the same in crossing orders: one is done, the other told."""

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from applicants.domain.errors import Refused, crossed, told_of_crossing
from config.api import Refusals
from tests.incentives.domain.threads import at_once


def lock(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def crossing(first: int, second: int, both: Barrier) -> str:
    with told_of_crossing(), transaction.atomic():
        lock(first)
        both.wait(30)
        lock(second)
    return "done"


def test_one_of_two_is_told_that_nothing_was_done(committed_db: None) -> None:
    both = Barrier(2)
    outcomes = at_once([partial(crossing, 1, 2, both), partial(crossing, 2, 1, both)])
    assert sorted(type(one).__name__ for one in outcomes) == ["Refused", "str"]
    (refused,) = [one for one in outcomes if isinstance(one, Refused)]
    assert isinstance(refused.__cause__, OperationalError)
    assert crossed(refused.__cause__)


def test_the_api_says_409(committed_db: None) -> None:
    both = Barrier(2)

    def bare(first: int, second: int) -> None:
        with transaction.atomic():
            lock(first)
            both.wait(30)
            lock(second)

    outcomes = at_once([partial(bare, 1, 2), partial(bare, 2, 1)])
    (error,) = [one for one in outcomes if one is not None]
    context: Any = {}
    told: Any = Refusals(error, context).convert_known_exceptions(error)
    assert told.status_code == 409


def test_other_troubles_of_the_database_are_not_taken_for_it(db: None) -> None:
    with pytest.raises(OperationalError), told_of_crossing():
        raise OperationalError("the connection is lost")
