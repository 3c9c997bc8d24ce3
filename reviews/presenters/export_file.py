"""The file of an export, fetched: the desk and the API answer alike."""

from collections.abc import Iterator
from pathlib import Path

from django.http import StreamingHttpResponse

from applicants.models import User
from incentives.domain import background
from incentives.models import Export

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BLOCK = 64 * 1024


def file_of(export: Export, user: User) -> StreamingHttpResponse:
    """Raises Conflict while there is no file, or where it is not as it was written."""
    place = background.fetch(export=export, user=user)
    headers = {
        "Content-Disposition": f'attachment; filename="{export.name}"',
        "Content-Length": str(export.size),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    kind = TYPES[export.form]
    return StreamingHttpResponse(_blocks(place), content_type=kind, headers=headers)


def _blocks(place: Path) -> Iterator[bytes]:
    """Opened when it is first read, and closed whenever the reader goes away."""
    with open(place, "rb") as file:
        while block := file.read(BLOCK):
            yield block
