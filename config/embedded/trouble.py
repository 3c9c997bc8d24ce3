import shutil
from pathlib import Path

LEAST_FREE_BYTES = 400 * 1024 * 1024


class Trouble(Exception):
    """Something outside the program keeps a server from running; the message says what to do."""


def check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise Trouble(
            f"the disk that holds {folder} is nearly full ({free >> 20} MB free, "
            f"{LEAST_FREE_BYTES >> 20} MB needed); free some space and start again."
        )


def explain(what: str, log: Path) -> Trouble:
    """The sentence for a program that ended by itself; its log says why."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    if any("No space left on device" in line for line in lines[-50:]):
        return Trouble(
            f"the disk that holds {log.parent} is full; free some space and start again."
        )
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no message")
    return Trouble(f"{what} failed: {last.rstrip('.')} (see {log}).")
