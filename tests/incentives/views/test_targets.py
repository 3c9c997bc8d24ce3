"""The public pages of the targets and their downloads."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from openpyxl import load_workbook

from incentives.models import Target, TargetActual
from tests.factories import make_user

HITECH = "qd-sti-hitech-firms"


@pytest.fixture
def client(db: None) -> Client:
    row = Target.objects.get(code=HITECH)
    for year, value in ((2022, "6689.5"), (2023, "6500")):
        TargetActual.objects.create(
            target=row,
            year=year,
            value=Decimal(value),
            as_of=date(year, 12, 31),
            source="=1+1 公报<b>",
            entered_by=make_user(),
        )
    return Client(headers={"accept-language": "en"})


def read(answer: object) -> list[dict[str, str]]:
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_the_list_shows_all_82_with_their_sentences(client: Client) -> None:
    page = client.get("/targets/").content.decode()
    assert page.count('class="card target"') == 82
    assert page.count("<svg") == 82 - 6 - 9  # set in words; without a year and a value
    assert "5高新技术企业数量家43968000预期性" in page
    assert "=1+1 公报&lt;b&gt;" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("city=dalian", 10),
        ("document=qd-sti-plan", 14),
        ("state=behind", 1),
        ("words=%E7%8B%AC%E8%A7%92%E5%85%BD&city=dalian", 0),
        ("state=nonsense&document=%00", 0),
    ],
)
def test_the_list_is_narrowed(client: Client, query: str, count: int) -> None:
    answer = client.get(f"/targets/?{query}")
    assert (answer.status_code, answer.content.decode().count('class="card target"')) == (
        200,
        count,
    )


def test_the_page_of_a_target(client: Client) -> None:
    page = client.get(f"/targets/qingdao/{HITECH}/").content.decode()
    for words in ("behind plan", "58.4%", "6,558.4", "6,689.5", "4,396 in 2020", "8,000"):
        assert words in page
    assert client.get(f"/targets/dalian/{HITECH}/").status_code == 404
    assert client.post(f"/targets/qingdao/{HITECH}/").status_code == 405


def test_csv_has_numbers_as_numbers_and_no_formulas(client: Client) -> None:
    rows = read(client.get("/targets/export.csv"))
    assert len(rows) == 82
    row = next(row for row in rows if row["Code"] == HITECH)
    assert (row["Baseline"], row["Target value"], row["Newest value"]) == ("4396", "8000", "6500")
    assert (row["Target year"], row["Per cent of the way"], row["State"]) == (
        "2025",
        "58.4",
        "behind plan",
    )
    assert row["Source"] == "'=1+1 公报<b>"


def test_the_download_is_what_the_filter_lists(client: Client) -> None:
    assert len(read(client.get("/targets/export.csv?city=dalian"))) == 10
    assert client.get("/targets/export.pdf").status_code == 404


def test_xlsx_has_the_targets_and_every_value(client: Client) -> None:
    answer = client.get("/targets/export.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Targets", "Values"]
    listed = book["Targets"]
    heads = [cell.value for cell in listed[1]]
    row = next(
        dict(zip(heads, [cell.value for cell in line], strict=True))
        for line in listed.iter_rows(min_row=2)
        if line[3].value == HITECH
    )
    assert (row["Baseline"], row["Target value"], row["Newest value"]) == (4396, 8000, 6500)
    values = [[cell.value for cell in line] for line in book["Values"].iter_rows(min_row=2)]
    assert [line[2:4] for line in values if line[0] == HITECH] == [[2022, 6689.5], [2023, 6500]]
