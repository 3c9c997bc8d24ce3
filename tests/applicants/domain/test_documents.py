import stat
from hashlib import sha256
from pathlib import Path

import pytest

from applicants.domain import documents
from applicants.domain.errors import NotAllowed, Refused
from applicants.models import Document, Party, User
from tests.applicants.files import PDF, upload
from tests.factories import make_user


def files_under(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def test_a_file_is_kept_privately_under_its_id(
    owner: User, organisation: Party, tmp_path: Path
) -> None:
    document = documents.store(party=organisation, upload=upload("证明.pdf", PDF), user=owner)
    assert (document.name, document.content_type, document.size, document.sha256) == (
        "证明.pdf", "application/pdf", len(PDF), sha256(PDF).hexdigest(),
    )  # fmt: skip
    (kept,) = files_under(tmp_path)
    assert (kept.name, kept.read_bytes()) == (document.pk.hex, PDF)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_refused_file_leaves_nothing(owner: User, organisation: Party, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        documents.store(party=organisation, upload=upload("a.pdf", b"no"), user=owner)
    assert (files_under(tmp_path), Document.objects.count()) == ([], 0)


def test_a_transaction_that_fails_takes_its_file_along(
    owner: User, organisation: Party, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_given: object) -> None:
        raise RuntimeError("the disk of the database is full")

    monkeypatch.setattr(documents, "record", fail)
    with pytest.raises(RuntimeError):
        documents.store(party=organisation, upload=upload("a.pdf", PDF), user=owner)
    assert (files_under(tmp_path), Document.objects.count()) == ([], 0)


def test_strangers_store_nothing(organisation: Party, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        documents.store(party=organisation, upload=upload("a.pdf", PDF), user=make_user())
    assert files_under(tmp_path) == []
