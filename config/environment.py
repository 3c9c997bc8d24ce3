"""Settings come from the environment alone; what is wrong there is said in one sentence."""

import base64
import binascii
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from config.paths import DEMO, STATE, VAR
from config.secret_files import kept_secrets, read_json

KINDS = ("demo", "test", "production")


def refuse(sentence: str) -> NoReturn:
    """Stop without a traceback: the reader is an operator, not a programmer."""
    raise SystemExit(f"Huiqi cannot start: {sentence}")


def value(name: str) -> str | None:
    """The variable, or the content of the file that NAME_FILE points to (container secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path is None:
        return os.environ.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        refuse(f"{name}_FILE points to {path}, which cannot be read ({error.strerror}).")


def kind() -> str:
    found = os.environ.get("HUIQI_ENV", "demo")
    if found not in KINDS:
        refuse(f"HUIQI_ENV is {found!r}; write one of {', '.join(KINDS)}.")
    return found


def is_production() -> bool:
    return kind() == "production"


def required(name: str, what: str, demo: Callable[[], str]) -> str:
    """In production the variable must be there; a demo makes its own."""
    found = value(name)
    if found is None and is_production():
        refuse(f"{name} is not set; in production it must hold {what}.")
    return found if found is not None else demo()


def flag(name: str, default: bool) -> bool:
    text = (value(name) or str(default)).lower()
    if text not in ("true", "false", "1", "0"):
        refuse(f"{name} is {text!r}; write true or false.")
    return text in ("true", "1")


def number(name: str, default: int, least: int = 0) -> int:
    text = value(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        refuse(f"{name} is {text!r}; write a whole number from {least} up.")
    return int(text)


def names(name: str, what: str, demo: str) -> list[str]:
    """A list, separated by commas."""
    text = required(name, what, lambda: demo)
    return [item.strip() for item in text.split(",") if item.strip()]


def address(name: str, demo: str) -> str:
    """Where people open the site, for links in e-mails."""
    found = required(name, "the address of the site, https://HOST", lambda: demo)
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        refuse(f"{name} is {found!r}; write an address like https://huiqi.example.org.")
    return found


def demo_secret(name: str) -> str:
    return kept_secrets(VAR / "secrets.json")[name]


def demo_server(name: str) -> str:
    """How to reach an embedded server; before the first start an address where nobody answers."""
    state = DEMO / STATE
    if state.exists():
        return read_json(state)[name]
    return {"REDIS_URL": f"unix://{DEMO}/not-started"}.get(
        name, f"postgresql://huiqi@/huiqi?host={DEMO}/not-started"
    )


def secret_key() -> str:
    key = required("SECRET_KEY", "50 random characters", lambda: demo_secret("secret_key"))
    if is_production() and (len(key) < 50 or len(set(key)) < 5 or "insecure" in key):
        refuse("SECRET_KEY is a default or too short; write 50 random characters.")
    return key


def field_key() -> bytes:
    what = "the key for account numbers, 32 random bytes in base64"
    text = required("HUIQI_FIELD_KEY", what, lambda: demo_secret("field_key"))
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32 or len(set(key)) < 5:
        refuse(f"HUIQI_FIELD_KEY is not usable; write {what}.")
    return key


def debug() -> bool:
    wanted = flag("DEBUG", default=False)
    if wanted and is_production():
        refuse("DEBUG is on; production runs without it.")
    return wanted


def database() -> dict[str, Any]:
    """The application's own role; only HUIQI_DB_ROLE=owner may change the schema."""
    role = os.environ.get("HUIQI_DB_ROLE", "app")
    if role not in ("app", "owner"):
        refuse(f"HUIQI_DB_ROLE is {role!r}; write app or owner.")
    name = "DATABASE_URL" if role == "app" else "DATABASE_OWNER_URL"
    what = f"postgresql://ROLE:PASSWORD@HOST:5432/DATABASE for the {role} role"
    return database_from_url(name, required(name, what, lambda: demo_server(name)))


def app_role() -> str:
    """The role that `migrate` lets read and write what the owner makes."""
    what = "postgresql://ROLE:PASSWORD@HOST:5432/DATABASE for the app role"
    url = required("DATABASE_URL", what, lambda: demo_server("DATABASE_URL"))
    return str(database_from_url("DATABASE_URL", url)["USER"])


def database_from_url(name: str, url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/") or not host:
        refuse(f"{name} is not an address of PostgreSQL; write postgresql://ROLE:PASSWORD@HOST/DB.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or 5432),
        "OPTIONS": options,
    }
