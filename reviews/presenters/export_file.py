"""The file of an export, fetched: the desk and the API answer alike."""

from collections.abc import Iterator
from io import BufferedReader

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from applicants.models import User
from incentives.domain.kept_files import fetch
from incentives.models import Export

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
BLOCK = 64 * 1024


class Blocks:
    """Of an open file, closed at its end and whenever the reader goes away."""

    def __init__(self, file: BufferedReader) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        with self.file:
            while block := self.file.read(BLOCK):
                yield block

    def close(self) -> None:
        self.file.close()


def file_of(export: Export, user: User) -> StreamingHttpResponse:
    """A PDF is shown, the others are saved.

    Raises Conflict while there is no file, or where it is not as it was written; Gone once it is
    deleted.
    """
    file = fetch(export=export, user=user)
    headers = {
        "Content-Disposition": content_disposition_header(export.form != "pdf", export.name) or "",
        "Content-Length": str(export.size),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    kind = TYPES[export.form]
    return StreamingHttpResponse(Blocks(file), content_type=kind, headers=headers)
