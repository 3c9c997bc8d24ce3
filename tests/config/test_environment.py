import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import database_from_url
from config.paths import BASE
from config.services import broker_url
from tests.config.test_compose import environment_of

PRODUCTION = environment_of("web")


def check(tmp_path: Path, **changed: str) -> tuple[int, str]:
    """`manage.py check` in nothing but this environment; what it says on standard error."""
    environment = {"PATH": os.environ["PATH"], "HUIQI_VAR": str(tmp_path)} | changed
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=BASE, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is a default or too short; write 50 random"),
        ({"SECRET_KEY": "django-insecure-" + "x1y2z" * 10}, "SECRET_KEY is a default or too short"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is a default or too short"),
        ({"HUIQI_FIELD_KEY": "bm90IDMyIGJ5dGVz"}, "HUIQI_FIELD_KEY is not usable; write the key"),
        (
            {"HUIQI_FIELD_KEY": base64.b64encode(bytes(32)).decode()},
            "HUIQI_FIELD_KEY is not usable",
        ),
        ({"DEBUG": "true"}, "DEBUG is on; production runs without it."),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'; write true or false."),
        ({"DATABASE_URL": "mysql://a@b/c"}, "DATABASE_URL is not an address of PostgreSQL; write"),
        ({"PROXY_COUNT": "one"}, "PROXY_COUNT is 'one'; write a whole number from 0 up."),
        ({"HUIQI_DB_ROLE": "root"}, "HUIQI_DB_ROLE is 'root'; write app or owner."),
        ({"HUIQI_DB_ROLE": "owner"}, "DATABASE_OWNER_URL is not set; in production it must hold"),
        ({"HUIQI_ENV": "prod"}, "HUIQI_ENV is 'prod'; write one of demo, test, production."),
        ({"SECRET_KEY_FILE": "/no/such"}, "SECRET_KEY_FILE points to /no/such, which cannot be"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(
    tmp_path: Path, changed: dict[str, str], sentence: str
) -> None:
    status, said = check(tmp_path, **PRODUCTION | changed)
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(f"Huiqi cannot start: {sentence}")


def test_a_secret_may_be_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PRODUCTION["SECRET_KEY"] + "\n")
    given = PRODUCTION | {"SECRET_KEY": "short", "SECRET_KEY_FILE": str(secret)}
    assert check(tmp_path, **given) == (0, "")


def test_production_writes_no_secrets_of_its_own(tmp_path: Path) -> None:
    assert check(tmp_path, **PRODUCTION) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_demo_makes_its_secrets_once_for_its_owner_alone(tmp_path: Path) -> None:
    assert check(tmp_path) == (0, "")
    made = (tmp_path / "secrets.json").read_text()
    assert check(tmp_path) == (0, "")
    assert (tmp_path / "secrets.json").read_text() == made
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_database_address() -> None:
    found = database_from_url(
        "DATABASE_URL", "postgresql://me:p%40ss@db:6432/huiqi?sslmode=require"
    )
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "huiqi",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_socket_is_a_host() -> None:
    found = database_from_url("DATABASE_URL", "postgresql://me@/huiqi?host=/run/pg")
    assert (found["HOST"], found["OPTIONS"]) == ("/run/pg", {})


@pytest.mark.parametrize(
    ("redis", "broker"),
    [
        ("redis://:x@queue:6379/0", "redis://:x@queue:6379/0"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_celery_reaches_the_same_queue(redis: str, broker: str) -> None:
    assert broker_url(redis) == broker
