"""Small files that only their owner may read."""

import base64
import json
import os
import secrets
import tempfile
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace `path` at once, so that no reader ever sees half a file; mode 600."""
    os.replace(_written_beside(path, text), path)


def read_json(path: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return content


def kept_secrets(path: Path) -> dict[str, str]:
    """The secrets of a demo: made once, then always the same."""
    if not path.exists():
        _create_once(path, json.dumps(_new_secrets(), indent=1))
    return read_json(path)


def _new_secrets() -> dict[str, str]:
    names = ("secret_key", "postgres_root", "postgres_owner", "postgres_app")
    made = {name: secrets.token_urlsafe(50) for name in names}
    return made | {"field_key": base64.b64encode(secrets.token_bytes(32)).decode()}


def _create_once(path: Path, text: str) -> None:
    temporary = _written_beside(path, text)
    try:
        os.link(temporary, path)  # fails when another process was first: its secrets stay
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)


def _written_beside(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return temporary
