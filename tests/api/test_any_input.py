"""Whatever is sent: no server error, and only answers that the schema documents."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.authtoken.models import Token
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from applicants.models import User
from config.wsgi import application
from reviews.models.staff import Role
from tests import factories

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
SHY = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
ROLES = ("nobody", "clerk", "reviewer", "finance")
CODE = "enterprise-tech-centre-award"


@pytest.fixture
def _one_long_request(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Thousands of requests in one transaction: not throttled, the connection left open."""
    monkeypatch.setattr(SimpleRateThrottle, "allow_request", lambda *_: True)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(db: None) -> tuple[factories.Cast, list[int]]:
    """A house with a case at several desks, and the ids that stand in it."""
    cast = factories.Cast(CODE)
    cases = [stage(cast) for stage in (factories.draft, factories.submitted, factories.accepted)]
    cases.append(factories.determined(factories.Cast("engineering-centre-award")))
    return cast, [cast.party.pk, *(case.pk for case in cases)]


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    schema.app = application
    for found in schema.get_all_operations():
        yield found.ok()


def faults(user: User | None, ids: list[int], examples: int) -> list[str]:
    """Every operation is tried; one that answers wrongly does not hide the next."""
    found = []
    for operation in operations():
        try:
            attack(operation, user, ids, examples)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # told with the others
            found.append(f"{operation.label}: {told(error)}")
    return found


def told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(told(one) for one in error.exceptions)
    return f"{type(error).__name__} {error}"


def attack(operation: Any, user: User | None, ids: list[int], examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=SHY,
    )
    @given(case=operation.as_strategy(), number=st.sampled_from([*ids, 0, 2**63]))
    def send(case: Any, number: int) -> None:
        for name in ("id", "party_pk"):
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = number
        case.call_and_validate(checks=CHECKS, headers=headers_of(user))

    send()


def headers_of(user: User | None) -> dict[str, str]:
    if user is None:
        return {}
    token, _new = Token.objects.get_or_create(user=user)  # an operation may have deleted it
    return {"Authorization": f"Token {token.key}"}


def person(role: str, cast: factories.Cast) -> User | None:
    return {
        "nobody": lambda: None,
        "clerk": lambda: cast.clerk,
        "reviewer": lambda: cast.of("drc", Role.PREPARER),
        "finance": lambda: cast.of("finance", Role.FINANCE_PREPARER),
    }[role]()


@pytest.mark.usefixtures("_one_long_request")
@pytest.mark.parametrize("role", ROLES)
def test_every_operation_answers_as_documented(
    known: tuple[factories.Cast, list[int]], role: str
) -> None:
    cast, ids = known
    found = faults(person(role, cast), ids, examples=2)
    assert found == [], "\n".join(found)


@pytest.mark.nightly
@pytest.mark.usefixtures("_one_long_request")
@pytest.mark.parametrize("role", ROLES)
def test_every_operation_answers_as_documented_to_much_more(
    known: tuple[factories.Cast, list[int]], role: str
) -> None:
    cast, ids = known
    assert faults(person(role, cast), ids, examples=25) == []
