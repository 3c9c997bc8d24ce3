"""docker-compose.yml and Dockerfile, as far as they can be held to the truth without an engine."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from config.paths import BASE

COMPOSE: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["web", "worker", "beat", "migrate"]
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
SECRET = re.compile("PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL|OWNER_URL|REDIS_URL")
VALUES = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
    "HUIQI_FIELD_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ALLOWED_HOSTS": "huiqi.example.org",
    "SITE_URL": "https://huiqi.example.org",
}


def substituted(text: object) -> str:
    def one(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return VALUES.get(name, "password" if kind == "?" else default or "")

    return VARIABLE.sub(one, str(text)).replace("$$", "$")


def environment_of(service: str) -> dict[str, str]:
    return {name: substituted(text) for name, text in SERVICES[service]["environment"].items()}


def manage(service: str, *command: str, without: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(BASE)} | environment_of(service)
    environment.pop(without, None)
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=BASE, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_services() -> None:
    assert sorted(SERVICES) == ["beat", "database", "migrate", "queue", "web", "worker"]
    assert SERVICES["database"]["image"] == "postgres:18"


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "migrate"])
def test_each_running_service_has_a_health_check_and_a_volume(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    named = {volume.split(":")[0] for volume in SERVICES[service]["volumes"]}
    assert named & set(COMPOSE["volumes"])


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_has_a_default(service: str) -> None:
    for name, text in SERVICES[service]["environment"].items():
        if SECRET.search(name):
            kinds = {kind for _variable, kind, default in VARIABLE.findall(str(text)) if default}
            assert kinds <= {"?"}, name
            assert VARIABLE.search(str(text)), f"{name} is written out"


@pytest.mark.parametrize("service", OURS)
def test_the_settings_accept_what_compose_gives(service: str) -> None:
    done = manage(service, "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    ), done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "HUIQI_FIELD_KEY",
        "ALLOWED_HOSTS",
        "SITE_URL",
        "DATABASE_URL",
        "REDIS_URL",
        "ANCHOR_ROOT",
    ],
)
def test_what_compose_must_give_is_needed(name: str) -> None:
    done = manage("web", "check", without=name)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Huiqi cannot start: {name} is not set;")


def test_the_worker_writes_the_daily_digests_where_they_stay() -> None:
    """The rest of the file system is read-only; a volume belongs to whom its folder belongs."""
    folder = environment_of("worker")["ANCHOR_ROOT"]
    assert f"digests:{folder}" in SERVICES["worker"]["volumes"]
    dockerfile = (BASE / "Dockerfile").read_text(encoding="utf-8")
    made = re.search(r"install -d -o huiqi -g huiqi -m 700 (.+)$", dockerfile, re.MULTILINE)
    assert made
    assert folder in made[1].split()


def test_only_the_migration_knows_the_owner() -> None:
    knowing = [name for name in OURS if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]]
    assert knowing == ["migrate"]


def test_the_image_runs_under_an_account_of_its_own() -> None:
    lines = (BASE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER huiqi"]


def test_the_image_copies_what_there_is_and_the_ignore_file_lets_it() -> None:
    let_in = {
        line[1:] for line in (BASE / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (BASE / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names == let_in
    assert [name for name in sorted(names) if not (BASE / name).exists()] == []
