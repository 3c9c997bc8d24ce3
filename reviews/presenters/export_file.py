"""The file of an export, fetched: the desk and the API answer alike."""

from django.http import FileResponse

from applicants.models import User
from incentives.domain.kept_files import fetch
from incentives.models import Export

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def file_of(export: Export, user: User) -> FileResponse:
    """A PDF is shown, the others are saved.

    Raises Conflict while there is no file, or where it is not as it was written; Gone once it is
    deleted.
    """
    answer = FileResponse(
        fetch(export=export, user=user),
        as_attachment=export.form != "pdf",
        filename=export.name,
        content_type=TYPES[export.form],
    )
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
