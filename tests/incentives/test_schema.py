"""The JSON Schema of a programme file, as an editor fetches it."""

import pytest
from django.test import Client

from incentives.policy.programme import json_schema


@pytest.mark.django_db
def test_the_schema_is_served_to_anybody() -> None:
    answer = Client().get("/schema/programme.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == json_schema()
    assert Client().post("/schema/programme.json").status_code == 405
