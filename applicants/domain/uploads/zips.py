"""The container of OFD, XLSX and DOCX: opened within limits, so that it can be no bomb."""

import stat
import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from django.utils.translation import gettext as _

from applicants.domain.uploads.trouble import Unfit

MOST_MEMBERS = 5_000
LARGEST_UNPACKED = 200 * 1024 * 1024  # bytes
PIECE = 1024 * 1024
PROGRAMS = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".scr", ".hta", ".jar", ".lnk")


def opened(content: bytes) -> ZipFile:
    """The archive, after unpacking every member once against its checksum and the limit."""
    if not content.startswith(b"PK\x03\x04"):
        raise _damaged()
    try:
        archive = ZipFile(BytesIO(content))
        _check_directory(archive.infolist())
        _unpack(archive)
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
        raise _damaged() from None
    return archive


def ends_in_zip(content: bytes) -> bool:
    return is_zipfile(BytesIO(content))


def _check_directory(members: list[ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > LARGEST_UNPACKED:
        raise _bomb()
    for member in members:
        _check_member(member)


def _check_member(member: ZipInfo) -> None:
    name = member.filename.lower()
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name:
        raise _damaged()
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _damaged()
    if member.flag_bits & 0x1:
        raise Unfit(_("It is locked with a password; save it without one."))
    if name.endswith("vbaproject.bin"):
        raise Unfit(_("It contains macros; save it without macros."))
    if name.endswith(PROGRAMS):
        raise Unfit(_("It contains a program; take that out and save it again."))


def _unpack(archive: ZipFile) -> None:
    left = LARGEST_UNPACKED
    for member in archive.infolist():
        with archive.open(member) as stream:
            while piece := stream.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise _bomb()


def _bomb() -> Unfit:
    return Unfit(_("Unpacked it is larger than 200 MB or 5,000 parts; split it."))


def _damaged() -> Unfit:
    return Unfit(_("The file is damaged or of another kind; save it again from its program."))
