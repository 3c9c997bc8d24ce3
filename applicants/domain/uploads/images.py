"""PNG and JPEG, walked from end to end; a picture of too many pixels is refused."""

import struct
from collections.abc import Iterator
from struct import unpack
from zlib import crc32

from django.utils.translation import gettext as _

from applicants.domain.uploads.trouble import Unfit
from applicants.domain.uploads.zips import ends_in_zip

MOST_PIXELS = 100_000_000  # an A3 page at 600 dpi has 70 million
PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
JPEG_BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
JPEG_SCAN, JPEG_END = 0xDA, 0xD9


def check_png(content: bytes) -> None:
    try:
        chunks = list(_png_chunks(content))
        width, height = unpack(">II", chunks[0][1][:8])
    except (ValueError, IndexError, struct.error):
        raise _damaged("PNG") from None
    kinds = [kind for kind, _data in chunks]
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds or kinds[-1] != b"IEND":
        raise _damaged("PNG")
    _check_pixels(width, height)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Raises ValueError when a chunk is cut off, changed, or something follows the last one."""
    if not content.startswith(PNG_START):
        raise ValueError("no PNG")
    place = len(PNG_START)
    while place < len(content):
        length, kind = unpack(">I4s", content[place : place + 8])
        data = content[place + 8 : place + 8 + length]
        (written,) = unpack(">I", content[place + 8 + length : place + 12 + length])
        if crc32(kind + data) != written:
            raise ValueError("changed")
        yield kind, data
        place += 12 + length
        if kind == b"IEND" and place != len(content):
            raise ValueError("something follows")


def check_jpeg(content: bytes) -> None:
    """What cameras append after the end is left alone, unless it is another kind of file."""
    try:
        width, height = _jpeg_size(content)
    except (ValueError, struct.error):
        raise _damaged("JPEG") from None
    if content.rfind(b"\xff\xd9") < 0:
        raise _damaged("JPEG")
    if ends_in_zip(content) or b"%PDF-" in content[:1024]:
        raise Unfit(_("Another file is hidden in the picture; save it anew as JPEG."))
    _check_pixels(width, height)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height of the frame that a scan follows; raises ValueError when there is none."""
    size = None
    for marker, data in _jpeg_segments(content):
        if marker in JPEG_FRAMES:
            height, width = unpack(">HH", data[1:5])
            size = (width, height)
        if marker == JPEG_SCAN and size is not None:
            return size
    raise ValueError("no picture")


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    if not content.startswith(b"\xff\xd8\xff"):
        raise ValueError("no JPEG")
    place = 2
    while place < len(content) - 3:
        if content[place] != 0xFF:
            raise ValueError("no marker")
        marker = content[place + 1]
        if marker == 0xFF or marker in JPEG_BARE:
            place += 1 if marker == 0xFF else 2
            continue
        if marker == JPEG_END:
            return
        (length,) = unpack(">H", content[place + 2 : place + 4])
        yield marker, content[place + 4 : place + 2 + length]
        place += 2 + max(length, 2)


def _check_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise _damaged("PNG/JPEG")
    if width * height > MOST_PIXELS:
        raise Unfit(_("The picture has more than 100 million pixels; save it smaller."))


def _damaged(kind: str) -> Unfit:
    return Unfit(_("This is no complete %(kind)s picture; save or scan it again.") % {"kind": kind})
