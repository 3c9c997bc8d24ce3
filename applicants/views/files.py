import structlog
from django.http import FileResponse, Http404

from applicants.domain.documents import path_of
from applicants.models import Document

log = structlog.get_logger(__name__)


def serve(document: Document) -> FileResponse:
    """The file, to be saved and never to be opened inside the site.

    Whoever calls this has checked that the person asking may see the document.
    """
    try:
        content = path_of(document.pk).open("rb")
    except FileNotFoundError:
        log.error("document_missing", document=str(document.pk))
        raise Http404 from None
    response = FileResponse(
        content, as_attachment=True, filename=document.name, content_type=document.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
