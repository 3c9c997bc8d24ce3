"""File names as they are kept, and which kinds of file are taken."""

import unicodedata
from pathlib import PurePosixPath

LARGEST = 20 * 1024 * 1024  # bytes
LONGEST_NAME = 200
ALLOWED = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv",
}
FORBIDDEN = set('<>:"|?*')


def clean_name(name: str) -> str:
    """The last part of the path, without characters that hide, reorder or command.

    At most 200 characters; the extension is kept.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    composed = unicodedata.normalize("NFC", last)
    visible = "".join(c for c in composed if not unicodedata.category(c).startswith("C"))
    safe = "".join("_" if c in FORBIDDEN else c for c in visible).strip(" .")
    path = PurePosixPath(safe or "_")
    return path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix


def extension(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").lower()
