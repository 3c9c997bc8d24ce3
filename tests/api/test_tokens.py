from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from applicants.models import User
from tests import factories
from tests.api.client import Api, errors
from tests.confirmed import signed_in


@pytest.fixture
def user(db: None) -> User:
    return factories.make_user("somebody")


def credentials(user: User, password: str = factories.PASSWORD) -> dict[str, str]:
    return {"email": user.email, "password": password}


def test_email_and_password_give_a_token_that_opens(user: User) -> None:
    token = Api().post("token/", credentials(user))["token"]
    api = Api()
    api.headers["Authorization"] = f"Token {token}"
    assert api.get("me/")["email"] == user.email
    api.delete("token/")
    api.get("me/", 401)
    assert Token.objects.count() == 0


def test_wrong_and_unknown_sound_alike(user: User) -> None:
    wrong = Api().post("token/", credentials(user, "x"), 400)
    unknown = Api().post("token/", {"email": "nobody@example.test", "password": "x"}, 400)
    assert wrong == unknown
    assert sorted(map(str, errors(Api().post("token/", {}, 400)))) == ["email", "password"]


def test_five_failures_lock_even_the_right_password_out(user: User) -> None:
    statuses = [
        Api().send("POST", "token/", credentials(user, "wrong")).status_code for _ in range(5)
    ]
    assert statuses == [400, 400, 400, 400, 429]
    locked = Api().send("POST", "token/", credentials(user))
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert locked.json()["errors"][0]["code"] == "throttled"
    assert Token.objects.count() == 0
    other = factories.make_user()
    Api().post("token/", credentials(other))


def test_a_second_factor_is_not_passed_by(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    answer = Api().post("token/", credentials(user), 403)
    assert answer["errors"][0]["code"] == "permission_denied"
    assert Token.objects.count() == 0


def test_an_unconfirmed_address_gets_none_where_it_must_be_confirmed(
    user: User, settings: object
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    Api().post("token/", credentials(user), 403)


def test_a_session_gives_a_token_with_csrf_alone(user: User) -> None:
    browser = signed_in(user, Client(enforce_csrf_checks=True))
    assert browser.post("/api/token/", {}, content_type="application/json").status_code == 403
    browser.get("/accounts/password/change/")
    token = browser.cookies["huiqi_csrf"].value
    answer = browser.post(
        "/api/token/", {}, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 200
    assert Token.objects.get(user=user).key == answer.json()["token"]


def test_a_session_gives_none_unless_its_person_has_just_confirmed(user: User) -> None:
    browser = Client()
    browser.force_login(user)
    answer = browser.post("/api/token/", {}, content_type="application/json")
    assert answer.json()["errors"][0]["code"] == "reauthentication_required"
    assert (answer.status_code, Token.objects.count()) == (403, 0)


def test_a_token_expires_and_is_given_anew(user: User, settings: object) -> None:
    old = Api().post("token/", credentials(user))["token"]
    Token.objects.update(created=timezone.now() - timedelta(days=settings.API_TOKEN_DAYS, hours=1))
    api = Api()
    api.headers["Authorization"] = f"Token {old}"
    assert api.get("me/", 401)["errors"][0]["code"] == "authentication_failed"
    new = Api().post("token/", credentials(user))["token"]
    api.headers["Authorization"] = f"Token {new}"
    assert (new != old, api.get("me/")["email"]) == (True, user.email)


def test_a_changed_password_ends_the_token(user: User) -> None:
    api = Api(user)
    api.get("me/")
    user.set_password("another test passphrase")
    user.save()
    api.get("me/", 401)


def test_a_password_hashed_anew_at_sign_in_ends_nothing(user: User, settings: object) -> None:
    api = Api(user)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert user.check_password(factories.PASSWORD)
    assert user.password.startswith("pbkdf2")
    api.get("me/")
