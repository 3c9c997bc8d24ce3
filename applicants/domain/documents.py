"""Papers of a party: checked, kept privately under their own id, never changed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applicants.domain.events import record
from applicants.domain.members import require_member
from applicants.domain.uploads import Checked, check
from applicants.models import Document, Party, User


def store(*, party: Party, upload: "UploadedFile[bytes]", user: User) -> Document:
    """Check and keep a file that a member brings; raises Refused on the field `file`."""
    require_member(party=party, user=user)
    return keep(party=party, upload=upload, user=user)


def keep(*, party: Party | None, upload: "UploadedFile[bytes]", user: User | None) -> Document:
    """The same for callers who have seen to it that the user may; no party: a paper of the city,
    and no user: of somebody who is not signed in.

    This is a transaction of its own, so that a file never stays behind without its row, nor a row
    without its file.
    """
    with keeping(party=party, upload=upload, user=user) as document:
        return document


@contextmanager
def keeping(
    *, party: Party | None, upload: "UploadedFile[bytes]", user: User | None
) -> Iterator[Document]:
    """The same, together with what the block writes: if that is refused, no paper stays behind."""
    checked, key = check(upload), uuid4()
    _write(path_of(key), checked.content)
    try:
        with transaction.atomic(durable=True):
            yield _recorded(key, party, checked, user)
    except BaseException:
        _forget(key)
        raise


def path_of(key: UUID) -> Path:
    """Where a document's content lies; nothing of what its uploader wrote is in the path."""
    return Path(settings.MEDIA_ROOT) / "documents" / key.hex[:2] / key.hex


def _recorded(key: UUID, party: Party | None, checked: Checked, user: User | None) -> Document:
    document = Document.objects.create(
        id=key,
        party=party,
        name=checked.name,
        content_type=checked.content_type,
        size=len(checked.content),
        sha256=sha256(checked.content).hexdigest(),
        uploaded_by=user,
    )
    data = {"document": str(key), "sha256": document.sha256}
    subject = f"party:{party.pk}" if party else f"document:{key}"
    record(kind="document.stored", subject=subject, actor=user, data=data)
    return document


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: under another name, to the disk, then renamed."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _forget(key: UUID) -> None:
    """After a failure. Where even the question fails, the file stays: an orphan does no harm."""
    if not Document.objects.filter(pk=key).exists():
        with suppress(FileNotFoundError):
            path_of(key).unlink()
