"""The Idempotency-Key header, on requests that move money or decide."""

import json
import re
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.domain.idempotency import Outcome, once

HEADER = "Idempotency-Key"
KEY_PARAMETER = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "Up to 100 printable ASCII characters of your own. The same key and body within 24 hours "
        "give the first response again; with another body 422; while the first still runs 409."
    ),
    pattern=r"^[!-~]{1,100}$",
)
Action = Callable[..., Response]


def idempotent(action: Action) -> Action:
    """The action's effects and its answer are committed together, once per key and person."""

    @wraps(action)
    def door(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return action(view, request, *args, **kwargs)
        outcome = once(
            user=view.person,
            key=_read(key),
            path=request.path,
            body_sha256=_digest(request.data),
            run=lambda: _outcome(action(view, request, *args, **kwargs)),
        )
        replayed = {"Idempotent-Replayed": "true"} if outcome.replayed else {}
        return Response(outcome.data, status=outcome.status, headers=replayed)

    return door


def _read(key: str) -> str:
    if not re.fullmatch(r"[!-~]{1,100}", key):
        raise ValidationError({HEADER: _("Write 1 to 100 printable ASCII characters.")})
    return key


def _digest(body: Any) -> str:
    written = json.dumps(
        body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_file_digest
    )
    return sha256(written.encode()).hexdigest()


def _file_digest(upload: "UploadedFile[bytes]") -> str:
    digest = sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return f"{upload.name}:{digest.hexdigest()}"


def _outcome(response: Response) -> Outcome:
    return Outcome(response.status_code, json.loads(JSONRenderer().render(response.data)))
