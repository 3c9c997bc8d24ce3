import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection

from incentives.domain.exports import Cell, Sheet, csv_blocks, csv_bytes, xlsx_bytes
from incentives.domain.risky_cells import guarded, guarded_sql

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "  =cmd|'/c calc'!A1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\u3000=1",
    '=HYPERLINK("http://example.test","x")',
    "'=1",
    "-",
    "\tx",
]
NUMBERLIKE = [
    "6217000000000001234",
    "0012",
    "102452000012",
    "1.5",
    "2026-11-22",
    "1e5",
    "3/4",
    "12:30",
]
HARMLESS = [
    "青岛某某有限公司",
    "QI-BF-2026-0001",
    "a=b",
    "1号楼",
    "91370200MA3XYZ",
    "A-1",
    "",
    "奖励 题名",
]


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", FORMULAS + NUMBERLIKE)
def test_no_csv_cell_can_act_as_a_formula_or_lose_digits(text: str) -> None:
    [_heading, [cell]] = read_csv(csv_bytes(["x"], [[text]]))
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


EDGES = [
    "e5",
    "E5",
    "5e",
    "ea",
    "Fe=1",
    "d1",
    "一=1",
    "\u9fff1",
    "\ua0001",
    "９",
    "٣",
    "\n",
    "\v=1",
    "'",
]


@pytest.mark.django_db
@pytest.mark.parametrize("text", FORMULAS + NUMBERLIKE + HARMLESS + EDGES)
def test_postgresql_guards_the_same_texts(text: str) -> None:
    assert by_postgresql([text]) == [guarded(text)]


@pytest.mark.django_db
def test_postgresql_guards_a_text_that_begins_with_any_character_alike() -> None:
    for block in range(0, 0x11000, 0x400):
        characters = [
            chr(n) for n in range(max(block, 1), block + 0x400) if not 0xD800 <= n < 0xE000
        ]
        for after in ("", "1", "=1", "号"):
            texts = [character + after for character in characters]
            assert by_postgresql(texts) == [guarded(text) for text in texts]


def by_postgresql(texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        given = "unnest(%s::text[]) WITH ORDINALITY AS given(text, place)"
        cursor.execute(f"SELECT {guarded_sql('text')} FROM {given} ORDER BY place", [texts])
        return [row[0] for row in cursor.fetchall()]


def test_a_long_text_of_digits_is_judged_at_once() -> None:
    assert guarded("1" * 200_000 + "号") == "1" * 200_000 + "号"


def test_a_csv_opens_in_excel_with_chinese_intact() -> None:
    content = csv_bytes(["单位", "金额"], [["青岛", Decimal("1234567.8")], [None, 3]])
    assert content == "\ufeff单位,金额\r\n青岛,1234567.80\r\n,3\r\n".encode()


def test_a_csv_comes_in_blocks_while_its_rows_are_made() -> None:
    made = 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal made
        for made in range(1, 20_001):
            yield ["单位", made]

    blocks = csv_blocks(["x", "y"], rows())
    first = next(blocks)
    assert 0 < made < 10_000
    assert len(first) < 300_000
    assert len(read_csv(first + b"".join(blocks))) == 20_001


def test_an_xlsx_keeps_text_as_text_and_money_to_the_fen() -> None:
    rows: list[list[Cell]] = [[text, Decimal("0.01")] for text in FORMULAS if text != "\r=1+1"]
    rows += [["6217000000000001234", Decimal("9999999999999.99")]]
    rows += [["大额", Decimal("10000000000000.01")], [None, Decimal(0)]]
    book = openpyxl.load_workbook(
        io.BytesIO(xlsx_bytes([Sheet("表", ["文字", "金额"], rows, ["金额"])]))
    )
    read = list(book["表"].iter_rows(min_row=2))
    for (text, amount), (wanted, money) in zip(read, rows, strict=True):
        assert (text.value, text.data_type) == (wanted, "s" if wanted else "n")
        assert (None if amount.value is None else Decimal(str(amount.value))) == money
        assert text.data_type != "f"


def test_text_longer_than_an_xlsx_cell_is_cut_to_it() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([Sheet("s", ["x"], [["长" * 40_000]])])))
    assert book["s"]["A2"].value == "长" * 32_767
