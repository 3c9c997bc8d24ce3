"""Files as offices make them are read as a table of text; what is too large is told, not opened."""

import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from applicants.domain.errors import Refused
from incentives.domain import lists
from incentives.domain.lists import cell_text, read_table


def xlsx(cells: Mapping[str, object]) -> bytes:
    book = Workbook()
    for place, value in cells.items():
        book.active[place] = value
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def refused(name: str, content: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        read_table(name, content)
    assert list(refusal.value.message_dict) == ["file"]
    return refusal.value.message_dict["file"][0]


def test_rows_keep_their_numbers_and_empty_ones_are_left_out() -> None:
    table = read_table("a.csv", "甲,乙\r\n\r\n1,2\r\n,\r\n3,'=4\r\n".encode())
    assert table.headings == ["甲", "乙"]
    assert table.rows == [(3, ["1", "2"]), (5, ["3", "=4"])]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1234567.8900000001, "1234567.89"),
        (0.1 + 0.2, "0.3"),
        (2025.0, "2025"),
        (1e-7, "0.0000001"),
        (9.137020000000000e17, "9.13702e+17"),  # a code that has lost its digits is no number
        (True, "true"),
        (date(2021, 6, 1), "2021-06-01"),
        (datetime(2021, 6, 1), "2021-06-01"),
        (datetime(2021, 6, 1, 8), "2021-06-01T08:00:00"),
        (None, ""),
        (" 文 ", "文"),
    ],
)
def test_a_cell_is_its_value(cell: object, text: str) -> None:
    assert cell_text(cell) == text


def test_the_first_sheet_of_a_workbook() -> None:
    table = read_table("a.xlsx", xlsx({"A1": "uscc", "B1": "name", "A3": "x", "B3": 1.5}))
    assert table == lists.Table(["uscc", "name"], [(3, ["x", "1.5"])])


@pytest.mark.parametrize("place", ["L1048576", "XFD1", "XFD1048576"])
def test_a_cell_far_out_is_found_before_the_sheet_is_laid_out(place: str) -> None:
    refused("a.xlsx", xlsx({"A1": "uscc", "A2": "x", place: "y"}))


def test_a_workbook_that_is_none() -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    refused("a.xlsx", content.getvalue())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-"),
        ("a.csv", b"uscc,name\r\n"),
        ("a.csv", b'uscc\r\n"never closed\r\n'),
        ("a.csv", b"\xff\xff\xff"),
    ],
)
def test_no_list(name: str, content: bytes) -> None:
    assert refused(name, content)


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_ROWS", 3)
    assert len(read_table("a.csv", b"a\n" + b"x\n" * 3).rows) == 3
    assert "3" in refused("a.csv", b"a\n" + b"x\n" * 4)
