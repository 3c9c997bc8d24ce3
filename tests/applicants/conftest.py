from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from applicants.models import Party, User
from tests.factories import make_organisation, make_user


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _private_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def owner(db: None) -> User:
    return make_user("owner")


@pytest.fixture
def organisation(owner: User) -> Party:
    return make_organisation(owner)
