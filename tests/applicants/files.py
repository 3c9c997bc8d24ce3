"""Files to upload, good and bad, made by hand: each kind's smallest that is one."""

from io import BytesIO
from struct import pack
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zlib import compress, crc32

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))


def png(width: int = 2, height: int = 2) -> bytes:
    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", compress(b"\0\0\0" * 2)) + chunk(b"IEND", b"")
    )


def jpeg(width: int = 2, height: int = 2) -> bytes:
    frame = b"\xff\xc0" + pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x04JF" + frame + b"\xff\xda\x00\x02\x12\x34\xff\xd9"


def packed(members: dict[str, bytes]) -> bytes:
    store = BytesIO()
    with ZipFile(store, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return store.getvalue()


def ofd(**more: bytes) -> bytes:
    return packed({"OFD.xml": b'<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>', **more})


def docx(**more: bytes) -> bytes:
    return packed({"[Content_Types].xml": TYPES, "word/document.xml": b"<document/>", **more})


def xlsx(**more: bytes) -> bytes:
    book, store = Workbook(), BytesIO()
    book.active.append(["姓名", "金额"])
    book.save(store)
    with ZipFile(store, "a") as archive:
        for name, content in more.items():
            archive.writestr(name, content)
    return store.getvalue()


def linked() -> bytes:
    """An OFD whose second member is a symbolic link."""
    store = BytesIO(ofd())
    with ZipFile(store, "a") as archive:
        link = ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return store.getvalue()


def locked() -> bytes:
    """An OFD that says its members are encrypted."""
    content = bytearray(ofd())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return bytes(content)
