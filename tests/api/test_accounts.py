from typing import Any

import pytest
from django.core import mail

from applicants.models import User
from tests import factories
from tests.api.client import Api, errors

PASSWORD = "a long enough passphrase"
pytestmark = pytest.mark.django_db


def test_one_signs_up_and_gets_a_token_by_the_api_alone() -> None:
    asked = {"email": "New@Example.test", "password": PASSWORD}
    Api().post("accounts/", asked, 204)
    token = Api().post("token/", asked)["token"]
    api = Api()
    api.headers["Authorization"] = f"Token {token}"
    assert api.get("me/")["email"] == "new@example.test"


def test_where_addresses_are_confirmed_a_known_one_is_not_given_away(
    settings: Any,
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    known = factories.make_user("known")
    Api().post("accounts/", {"email": known.email, "password": PASSWORD}, 204)
    assert User.objects.count() == 1
    assert [message.to for message in mail.outbox] == [[known.email]]


def test_a_weak_password_is_refused_by_its_field() -> None:
    told = Api().post("accounts/", {"email": "new@example.test", "password": "123"}, 400)
    assert set(errors(told)) == {"password"}
    assert User.objects.count() == 0
