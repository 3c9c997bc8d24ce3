"""What a bureau's letters carry: its mark and the image of its seal, set by an administrator."""

import struct
import zlib
from hashlib import sha256

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.texts import read_line
from applicants.domain.uploads import check
from applicants.models import User
from incentives.models import Bureau
from reviews.domain.letter_numbers import usual_mark
from reviews.domain.roles import roles_of
from reviews.models import Seal
from reviews.models.staff import Role

LARGEST = 300 * 1024  # bytes
WIDEST = 2000  # pixels of a side
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type of a PNG
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
PALETTE = 3


@transaction.atomic
def set_seal(
    *,
    bureau: Bureau,
    basis: str,
    user: User,
    mark: str = "",
    image: "UploadedFile[bytes] | None" = None,
    without_image: bool = False,
) -> Seal:
    """Set what the bureau's letters carry from now on; letters issued before keep theirs.

    Without a new image the present one stays, unless letters are to go out `without_image`.
    """
    if not roles_of(user).filter(city=bureau.city_id, role=Role.SYSTEM).exists():
        raise NotAllowed(_("Seals are set by the city's system administrator."))
    basis = read_line(basis, field="basis", limit=300)
    mark = read_line(mark, field="mark", limit=12, required=False)
    _require_own_mark(bureau, mark)
    content = _content(bureau, image, without_image)
    seal = Seal.objects.create(
        bureau=bureau,
        mark=mark,
        image=content,
        sha256=sha256(content).hexdigest() if content else "",
        basis=basis,
        set_by=user,
    )
    record(
        kind="letter.seal_set",
        subject=f"bureau:{bureau.pk}",
        actor=user,
        city=bureau.city,
        reason=seal.basis,
        data={"bureau": bureau.code, "mark": mark, "sha256": seal.sha256},
    )
    return seal


def seals_of(bureau: Bureau) -> QuerySet[Seal]:
    """Newest first; the first counts."""
    return Seal.objects.filter(bureau=bureau).select_related("set_by").order_by("-id")


def _require_own_mark(bureau: Bureau, mark: str) -> None:
    """Two bureaus of one mark would give out the same number twice."""
    if not mark:
        return
    others = Bureau.objects.exclude(pk=bureau.pk).select_related("city")
    taken = Seal.objects.filter(mark=mark).exclude(bureau=bureau).exists()
    if taken or any(usual_mark(other, other.city) == mark for other in others):
        raise Refused({"mark": _("Another bureau's letters are numbered with this mark.")})


def _content(bureau: Bureau, image: "UploadedFile[bytes] | None", without: bool) -> bytes:
    if image is not None:
        return read_seal(image)
    present = None if without else seals_of(bureau).first()
    return bytes(present.image) if present else b""


def read_seal(upload: "UploadedFile[bytes]") -> bytes:
    """A PNG that can be drawn, to its last row; raises Refused on the field `image`."""
    try:
        checked = check(upload)
    except Refused as refused:
        raise Refused({"image": [*refused.message_dict["file"]]}) from refused
    if checked.content_type != "image/png":
        raise Refused({"image": _("Upload the seal as PNG, its ground transparent.")})
    if len(checked.content) > LARGEST:
        raise Refused({"image": _("The image is larger than 300 KB; save it smaller.")})
    _require_drawable(checked.content)
    return checked.content


def _require_drawable(content: bytes) -> None:
    width, height, depth, colour, _c, _f, interlaced = struct.unpack(">IIBBBBB", content[16:29])
    if max(width, height) > WIDEST or interlaced or depth not in DEPTHS.get(colour, ()):
        words = _("Save the image as a plain PNG of at most %(widest)s × %(widest)s pixels.")
        raise Refused({"image": words % {"widest": WIDEST}})
    row = 1 + (width * depth * SAMPLES[colour] + 7) // 8
    rows = _unpacked(_chunks(content, b"IDAT"), row * height)
    coloured = colour != PALETTE or _chunks(content, b"PLTE")
    if not coloured or not _filters_known(rows, row, height):
        raise Refused({"image": _("The PNG cannot be drawn; save the image anew.")})


def _chunks(content: bytes, wanted: bytes) -> bytes:
    """What all chunks of a kind hold together; the file has been walked through before."""
    found, place = b"", 8
    while place < len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        found += content[place + 8 : place + 8 + length] if kind == wanted else b""
        place += 12 + length
    return found


def _unpacked(packed: bytes, size: int) -> bytes:
    """The rows; no more of them than there should be, whatever is packed."""
    try:
        return zlib.decompressobj().decompress(packed, size + 1)
    except zlib.error:
        return b""


def _filters_known(rows: bytes, row: int, height: int) -> bool:
    return len(rows) == row * height and all(rows[place * row] <= 4 for place in range(height))
