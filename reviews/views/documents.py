from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

from applicants.views.files import serve
from reviews.domain.reading import open_document
from reviews.views.doors import MemberRequest


@require_safe
@login_required
def document(request: MemberRequest, pk: UUID) -> FileResponse:
    found = open_document(document_id=pk, user=request.user)
    if found is None:
        raise Http404
    return serve(found)
