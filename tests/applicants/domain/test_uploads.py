from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from applicants.domain.errors import Refused
from applicants.domain.uploads import LARGEST, check
from tests.applicants.files import PDF, docx, jpeg, linked, locked, ofd, packed, png, upload, xlsx

MEGABYTE = 1024 * 1024


def bomb() -> bytes:
    """A few kilobytes that unpack to more than the limit."""
    store = BytesIO()
    with ZipFile(store, "w", ZIP_DEFLATED) as archive, archive.open("OFD.xml", "w") as member:
        for _turn in range(210):
            member.write(bytes(MEGABYTE))
    return store.getvalue()


def lying_bomb() -> bytes:
    """The directory says 1 byte; the member is longer."""
    content = bytearray(ofd(big=bytes(MEGABYTE)))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1).to_bytes(4, "little")
    return bytes(content)


GOOD = {
    "证明.pdf": PDF,
    "bom.pdf": b"\xef\xbb\xbf" + PDF,
    "invoice.ofd": ofd(),
    "scan.png": png(),
    "photo.JPG": jpeg(),
    "camera.jpeg": jpeg() + b"trailer of a camera",
    "roster.xlsx": xlsx(),
    "letter.docx": docx(),
    "table.csv": "姓名,金额\n甲,1\n".encode(),
    "excel.csv": "\ufeff姓名,金额\r\n".encode(),
    "old.csv": "姓名,金额\n".encode("gb18030"),
}
BAD = {
    "page.pdf": b"<!doctype html><script>alert(1)</script>",
    "polyglot.pdf": b"<html>" + PDF,
    "zipped.pdf": PDF + ofd(),
    "cut.pdf": PDF.replace(b"%%EOF", b""),
    "script.pdf": PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(x)>>"),
    "launch.pdf": PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/Launch>>"),
    "empty.pdf": b"",
    "empty.csv": b"",
    "blank.csv": b"\xef\xbb\xbf \n",
    "nul.csv": b"a,b\0c",
    "markup.csv": b" <script>alert(1)</script>",
    "binary.csv": b"\xff\xff\xff",
    "picture.csv": png(),
    "text.png": b"hello",
    "jpeg.png": jpeg(),
    "damaged.png": png()[:-20] + b"x" * 20,
    "changed.png": png().replace(b"IHDR\0\0\0\2", b"IHDR\0\0\0\3"),
    "trailer.png": png() + b"<script>",
    "flood.png": png(30_000, 30_000),
    "flat.png": png(0, 5),
    "text.jpg": b"\xff\xd8\xff",
    "cut.jpg": jpeg()[:-2],
    "flood.jpg": jpeg(30_000, 30_000),
    "zipped.jpg": jpeg() + ofd(),
    "paper.jpg": jpeg()[:8] + b"\xff\xfe\x00\x0a%PDF-1.7" + jpeg()[8:],
    "bomb.ofd": bomb(),
    "lying.ofd": lying_bomb(),
    "many.ofd": ofd(**{f"part{n}": b"" for n in range(5_001)}),
    "link.ofd": linked(),
    "locked.ofd": locked(),
    "slip.ofd": ofd(**{"../../evil": b"x"}),
    "absolute.ofd": ofd(**{"/etc/evil": b"x"}),
    "windows.ofd": ofd(**{"C:\\evil": b"x"}),
    "program.ofd": ofd(**{"run.exe": b"x"}),
    "other.ofd": packed({"readme": b"x"}),
    "entities.ofd": packed({"OFD.xml": b"<!DOCTYPE OFD [<!ENTITY a 'b'>]><OFD/>"}),
    "selfextracting.ofd": b"MZ" + ofd(),
    "letter.ofd": docx(),
    "macro.docx": docx(**{"word/vbaProject.bin": b"x"}),
    "macrotype.docx": packed(
        {"[Content_Types].xml": b"vnd.ms-word.document.macroEnabled", "word/document.xml": b"x"}
    ),
    "table.docx": xlsx(),
    "letter.xlsx": docx(),
    "macro.xlsx": xlsx(**{"xl/VBAPROJECT.BIN": b"x"}),
    "old.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "cut.xlsx": xlsx()[:-30],
    "drawing.svg": b"<svg/>",
    "program.exe": b"MZ",
    "macro.docm": docx(),
    "noextension": PDF,
    "double.pdf.exe": PDF,
    ".pdf": PDF,
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_honest_files_are_taken_whole(name: str) -> None:
    checked = check(upload(name, GOOD[name]))
    assert (checked.name, checked.content) == (name, GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_other_files_are_refused_beside_the_field(name: str) -> None:
    with pytest.raises(Refused) as refusal:
        check(upload(name, BAD[name]))
    assert list(refusal.value.message_dict) == ["file"]


def test_the_largest_file_is_taken_and_one_byte_more_is_not(english: None) -> None:
    check(upload("full.csv", b"x" * LARGEST))
    with pytest.raises(Refused) as refusal:
        check(upload("over.csv", b"x" * (LARGEST + 1)))
    assert "20 MB" in refusal.value.message_dict["file"][0]


def test_a_size_that_lies_does_not_help() -> None:
    file = upload("over.csv", b"x" * (LARGEST + 1))
    file.size = 5
    with pytest.raises(Refused):
        check(file)


def test_the_refusal_names_the_file_and_what_it_looks_like(english: None) -> None:
    with pytest.raises(Refused) as refusal:
        check(upload("scan.pdf", png()))
    (told,) = refusal.value.message_dict["file"]
    assert told == (
        "“scan.pdf” was not taken. This is no PDF; export or scan it as PDF. "
        "Its content looks like PNG."
    )
