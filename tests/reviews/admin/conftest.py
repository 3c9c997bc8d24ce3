"""Desks: a client signed in as a member of staff, and cases at each stage."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg.errors import DeadlockDetected

from applicants.models import User
from tests.confirmed import signed_in
from tests.factories import Cast

PROGRAMME = "hitech-first-recognition-award"  # 市科技局 handles it; miit and finance give opinions
Desk = Callable[[User], Client]


def crossing(*_given: object, **_more: object) -> None:
    """As if two steps had waited for one another, and PostgreSQL had undone this one."""
    raise OperationalError("deadlock detected") from DeadlockDetected()


def downloaded(client: Client, path: str, asked: Mapping[str, Any] | None = None) -> bytes:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


@pytest.fixture
def desk(db: None) -> Desk:
    """At the desk, just confirmed; what asks again is in test_confirmed_anew."""
    return signed_in


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast(PROGRAMME)
