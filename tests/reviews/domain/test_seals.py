"""Marks and seals: whose they are, what is taken as an image, and that no mark serves two."""

import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from applicants.domain.errors import NotAllowed, Refused
from applicants.models import Event, User
from reviews.domain.seals import seals_of, set_seal
from reviews.models import Seal
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, bureau, make_staff

BASIS = "青科〔2026〕1号"
HITECH = "hitech-first-recognition-award"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int = 4,
    height: int = 4,
    *,
    rows: bytes | None = None,
    colour: int = 6,
    interlaced: int = 0,
    extra: bytes = b"",
) -> bytes:
    """RGBA, red, unless said otherwise."""
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlaced)
    plain = (b"\0" + b"\xc8\x10\x2e\xff" * width) * height if rows is None else rows
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra
    return start + chunk(b"IDAT", zlib.compress(plain)) + chunk(b"IEND", b"")


def upload(content: bytes, name: str = "seal.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def administrator(db: None) -> User:
    return make_staff(Role.SYSTEM)


def test_the_newest_seal_counts_and_the_present_image_stays(administrator: User) -> None:
    first = set_seal(bureau=bureau("sti"), basis=BASIS, user=administrator, image=upload(png()))
    assert (len(first.sha256), bytes(first.image)) == (64, png())
    second = set_seal(bureau=bureau("sti"), basis=BASIS, user=administrator, mark="青科函")
    assert (second.mark, bytes(second.image)) == ("青科函", png())
    third = set_seal(bureau=bureau("sti"), basis=BASIS, user=administrator, without_image=True)
    assert (third.sha256, bytes(third.image), third.mark) == ("", b"", "")
    assert list(seals_of(bureau("sti"))) == [third, second, first]
    assert Event.objects.filter(kind="letter.seal_set").count() == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        Seal.objects.filter(pk=first.pk).update(mark="x")


def test_letters_carry_what_was_set_when_they_were_issued(administrator: User) -> None:
    before = factories.accepted(Cast(HITECH)).letters.get()
    seal = set_seal(
        bureau=bureau("sti"), basis=BASIS, user=administrator, mark="青科函", image=upload(png())
    )
    after = factories.accepted(Cast(HITECH)).letters.get()
    assert (before.seal, after.seal) == (None, seal)
    assert (before.number[:3], after.number[:4]) == ("青科受", "青科函受")


@pytest.mark.parametrize("mark", ["青发改", "大科", "青岛体育局"])
def test_a_mark_of_another_bureau_is_refused(administrator: User, mark: str) -> None:
    with pytest.raises(Refused) as refused:
        set_seal(bureau=bureau("sti"), basis=BASIS, user=administrator, mark=mark)
    assert list(refused.value.message_dict) == ["mark"]


def test_a_mark_that_another_bureau_once_had_is_refused(administrator: User) -> None:
    for mark in ("青信", ""):
        set_seal(bureau=bureau("miit"), basis=BASIS, user=administrator, mark=mark)
    with pytest.raises(Refused):
        set_seal(bureau=bureau("sti"), basis=BASIS, user=administrator, mark="青信")


GARBLED = b"\0" * 7
NOT_TAKEN: dict[str, Any] = {
    "text": (b"not a picture", "seal.png"),
    "jpeg by name": (png(), "seal.jpg"),
    "pdf": (b"%PDF-1.4 startxref %%EOF", "seal.pdf"),
    "too wide": (png(2001, 1), "seal.png"),
    "interlaced": (png(interlaced=1), "seal.png"),
    "rows missing": (png(rows=GARBLED), "seal.png"),
    "no such filter": (png(1, 1, rows=b"\x09\0\0\0\0"), "seal.png"),
    "palette missing": (png(2, 2, colour=3, rows=b"\0\0\0" * 2), "seal.png"),
    "depth unknown": (png(2, 2, colour=5), "seal.png"),
    "too large": (png(extra=chunk(b"tEXt", b"x" * 310_000)), "seal.png"),
    "cut off": (png()[:-6], "seal.png"),
}


@pytest.mark.parametrize("what", NOT_TAKEN)
def test_only_a_png_that_can_be_drawn_is_taken(administrator: User, what: str) -> None:
    content, name = NOT_TAKEN[what]
    with pytest.raises(Refused) as refused:
        set_seal(bureau=bureau("sti"), basis=BASIS, user=administrator, image=upload(content, name))
    assert list(refused.value.message_dict) == ["image"]
    assert not Seal.objects.exists()


def test_a_palette_is_taken(administrator: User) -> None:
    image = png(2, 2, colour=3, rows=b"\0\0\0" * 2, extra=chunk(b"PLTE", b"\xc8\x10\x2e"))
    assert set_seal(
        bureau=bureau("sti"), basis=BASIS, user=administrator, image=upload(image)
    ).sha256


@pytest.mark.parametrize("role", [Role.POLICY_EDITOR, Role.SECURITY, Role.AUDITOR])
def test_only_the_system_administrator_of_the_city_sets_seals(db: None, role: Role) -> None:
    for user in (make_staff(role), make_staff(Role.SYSTEM, city="dalian")):
        with pytest.raises(NotAllowed):
            set_seal(bureau=bureau("sti"), basis=BASIS, user=user, mark="青科函")
