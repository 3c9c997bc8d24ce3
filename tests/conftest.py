"""What every test may ask for.

`db` (pytest-django): the worker's own database, as the application's role `huiqi_app`; everything
is rolled back afterwards. This is what nearly every test wants.

`committed_db`: a fresh database, cloned from the migrated template and dropped afterwards, for
tests with threads, real commits, `on_commit` or a live server. Flushing tables is no way out,
because the application's role may not TRUNCATE; so `django_db(transaction=True)` is refused.
Do not ask for both.

`owner_url`: for raw SQL as the owner, in the database that the test uses.

Both databases hold the catalogue. The cache (Valkey) is emptied after each test with a database.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection, connections
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from config.environment import database_from_url
from tests import servers

_numbers = count(1)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.begin_session(in_memory=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and servers.HOME in os.environ:
        servers.end_session()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            raise pytest.UsageError(
                f"{item.nodeid}: ask for `committed_db` (see tests/conftest.py)"
            )


@pytest.fixture(scope="session")
def addresses() -> dict[str, str]:
    return servers.addresses()


@pytest.fixture(scope="session")
def django_db_setup(addresses: dict[str, str], worker_id: str) -> Iterator[None]:
    """Instead of pytest-django's: Django's own would create the database as its only role."""
    name = f"test_{worker_id}"
    servers.clone_template(addresses["DATABASE_OWNER_URL"], name)
    _connect_to(servers.in_database(addresses["DATABASE_URL"], name))
    _use_cache(addresses["REDIS_URL"], worker_id)
    yield
    connections.close_all()
    servers.drop(addresses["DATABASE_OWNER_URL"], name)


@pytest.fixture
def committed_db(
    django_db_setup: None,
    addresses: dict[str, str],
    worker_id: str,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """A database of one's own, where commits are real. See the top of this file."""
    name, usual = f"test_{worker_id}_{next(_numbers)}", dict(connection.settings_dict)
    servers.clone_template(addresses["DATABASE_OWNER_URL"], name)
    _connect_to(servers.in_database(addresses["DATABASE_URL"], name))
    try:
        with django_db_blocker.unblock():
            yield
            connections.close_all()
    finally:
        connection.settings_dict.update(usual)
        servers.drop(addresses["DATABASE_OWNER_URL"], name)


@pytest.fixture
def owner_url(addresses: dict[str, str], request: pytest.FixtureRequest) -> str:
    """For `psycopg.connect`, in the database the test uses; rolled back by nobody."""
    name = str(connection.settings_dict["NAME"])
    return servers.in_database(addresses["DATABASE_OWNER_URL"], name)


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    marked = request.node.get_closest_marker("django_db") is not None
    if marked or {"db", "committed_db"} & set(request.fixturenames):
        cache.clear()


def _connect_to(url: str) -> None:
    connections.close_all()
    connection.settings_dict.update(database_from_url("DATABASE_URL", url))


def _use_cache(redis_url: str, worker_id: str) -> None:
    """Each worker has a numbered database of the one Valkey."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id != "master" else 0
    settings.REDIS_URL = redis_url.replace("db=0", f"db={number}")
    settings.CACHES["default"]["LOCATION"] = caches.settings["default"]["LOCATION"] = (
        settings.REDIS_URL
    )
    with suppress(AttributeError):
        del caches["default"]  # connected to the old place, if at all


@pytest.fixture(autouse=True)
def _digests_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test writes its daily digests, if any, into a folder that no other test sees."""
    settings.ANCHOR_ROOT = tmp_path_factory.getbasetemp() / f"digests-{next(_numbers)}"


@pytest.fixture(autouse=True)
def _in_the_usual_language() -> Iterator[None]:
    """A page asked for in English leaves its language behind in the thread."""
    yield
    translation.activate(settings.LANGUAGE_CODE)
