"""Payout formats at the desk: read by finance, a new version by a policy editor."""

import csv
import io

import openpyxl
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applicants.models import Event
from incentives.domain import payouts
from incentives.models import PayoutFormat
from reviews.domain.payout_layouts import set_format
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.test_payouts import exported
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import make_award, make_user, qingdao
from tests.reviews.admin.conftest import Desk

FORMATS = "/admin/incentives/payoutformat/"
COLUMNS = [
    {"source": "account", "heading": "收款账号"},
    {"source": "pays", "heading": "交易金额"},
    {"source": "withheld", "heading": "税", "where_set": ["withheld"]},
]
DEFINITION = {"form": "csv", "options": {"totals": False}, "columns": COLUMNS}
WHOLE = """form: csv
columns:
- {source: account, heading: 账号}
- {source: pays, heading: 金额}
"""
TYPED = {"title": "国库", "basis": "国库接口规范", "is_active": "on"}


def definition(**other: object) -> dict[str, str]:
    return {"definition": yaml.safe_dump(DEFINITION | other, allow_unicode=True)}


@pytest.fixture
def editor(desk: Desk) -> Client:
    return desk(make_staff(Role.POLICY_EDITOR))


@pytest.fixture
def current(db: None) -> PayoutFormat:
    return PayoutFormat.objects.get(city="qingdao", code="standard-csv")


def page(layout: PayoutFormat) -> str:
    return f"{FORMATS}{layout.pk}/change/"


def test_finance_reads_columns_sample_and_batches(desk: Desk, current: PayoutFormat) -> None:
    make_award("10")
    batch = exported()
    finance = desk(make_staff(Role.FINANCE_PREPARER, "finance"))
    shown = finance.get(page(current))
    file = batch.files.get(layout=current)
    assert all(told in shown.content.decode() for told in (file.sha256, "指标文号", "netted"))
    assert (shown.context["form"], finance.post(page(current), TYPED).status_code) == (None, 403)
    sample = finance.get(f"{FORMATS}{current.pk}/sample/").content.decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(sample))
    always = [column for column in current.columns if column["source"] != "district"]
    assert heading == [column["heading"] for column in always]
    assert [row[heading.index("金额（元）")] for row in rows] == [
        "1234567.89", "540.00", "1235107.89",
    ]  # fmt: skip
    xlsx = PayoutFormat.objects.get(city="qingdao", code="standard-xlsx")
    book = openpyxl.load_workbook(io.BytesIO(finance.get(f"{FORMATS}{xlsx.pk}/sample/").content))
    assert [cell.value for cell in book.worksheets[0][1]] == heading


def test_a_new_version_counts_from_then_on_and_leaves_exported_files_alone(
    editor: Client, current: PayoutFormat
) -> None:
    make_award("10")
    before = exported()
    file = before.files.get(layout=current)
    content = payouts.file_content(file, make_user())
    answer = editor.post(page(current), TYPED | definition() | {"step": "set"})
    new = PayoutFormat.objects.latest("id")
    assert answer.headers["Location"] == page(new)
    assert (new.code, new.columns, new.options) == (current.code, COLUMNS, {"totals": False})
    payouts.export_batch(batch_id=before.pk, user=make_user())
    assert payouts.file_content(before.files.get(layout=current), make_user()) == content
    assert editor.get(page(current)).context["form"] is None  # the older one is read alone
    make_award("20")
    assert exported().files.filter(layout=new).exists()
    assert Event.objects.filter(kind="payout.format_set", reason=TYPED["basis"]).count() == 1


def test_a_look_sets_nothing_and_keeps_what_a_file_says(
    editor: Client, current: PayoutFormat
) -> None:
    file = SimpleUploadedFile("f.yaml", definition()["definition"].encode())
    answer = editor.post(page(current), TYPED | {"step": "look", "file": file})
    assert answer.context["proposed"][0] == ["收款账号", "交易金额", "税"]
    assert yaml.safe_load(answer.context["form"]["definition"].value()) == DEFINITION
    assert PayoutFormat.objects.filter(city="qingdao").count() == 2


def test_two_editors_do_not_write_over_each_other(editor: Client, current: PayoutFormat) -> None:
    given = TYPED | definition() | {"step": "set"}
    assert editor.post(page(current), given).status_code == 302
    assert editor.post(page(current), given).status_code == 403
    new = {"city": "qingdao", "code": "standard-csv"}
    again = editor.post(f"{FORMATS}add/", given | new)
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["code"])
    assert editor.post(f"{FORMATS}add/", given | new | {"code": "treasury"}).status_code == 302


def test_of_two_editors_at_once_one_is_told_of_the_other(committed_db: None) -> None:
    user = make_staff(Role.POLICY_EDITOR)
    current = PayoutFormat.objects.get(city="qingdao", code="standard-csv")
    given = DEFINITION | {"code": current.code, "title": "t", "basis": "b", "after": current.pk}
    results = at_once([lambda: set_format(city=qingdao(), user=user, **given)] * 4)
    assert sorted(type(one).__name__ for one in results) == ["PayoutFormat", *["Refused"] * 3]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"definition": ""}, "definition"),
        ({"definition": "a: [1"}, "definition"),
        ({"definition": "- x"}, "definition"),
        ({"definition": "!!python/object:os.system {}"}, "definition"),
        (definition(columns=COLUMNS[1:]), "definition"),
        (definition(columns=[*COLUMNS, {"source": ["bank"], "heading": "x"}]), "definition"),
        *(
            ({"definition": f'{WHOLE}- {{source: bank, heading: "a{bad}"}}'}, "definition")
            for bad in (r"\0", r"\ud800", r"\n")
        ),
        (definition(columns=[*COLUMNS, {"source": "bank", "heading": "x" * 61}]), "definition"),
        (definition(form="pdf"), "definition"),
        (definition(options={"totals": "yes"}), "definition"),
        (definition(secret=1), "definition"),
        ({"definition": "x" * 20_001}, "definition"),
        ({"basis": " "} | definition(), "basis"),
        ({"file": SimpleUploadedFile("f", "号".encode("gbk"))}, "file"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    editor: Client, current: PayoutFormat, typed: dict[str, object], field: str
) -> None:
    answer = editor.post(page(current), TYPED | typed | {"step": "set"})
    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert PayoutFormat.objects.filter(city="qingdao").count() == 2


def test_who_sees_them(desk: Desk, current: PayoutFormat) -> None:
    auditor, leader = desk(make_staff(Role.AUDITOR)), desk(make_staff(Role.LEADER, "sti"))
    other = desk(make_staff(Role.POLICY_EDITOR, city="dalian"))
    paths = (FORMATS, page(current), f"{FORMATS}{current.pk}/sample/", f"{FORMATS}add/")
    assert [auditor.get(path).status_code for path in paths] == [200, 200, 200, 403]
    assert [leader.get(path).status_code for path in paths] == [403] * 4
    assert [other.get(path).status_code for path in paths] == [200, 404, 404, 200]


def test_pages_ask_as_often_however_many_there_are(editor: Client, current: PayoutFormat) -> None:
    asked = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            editor.get(page(PayoutFormat.objects.filter(code=current.code).earliest("id")))
            editor.get(FORMATS)
        asked.append(len(queries))
        for more in range(3):
            given = {"city": "qingdao", "code": f"c-{number}-{more}", "step": "set"}
            editor.post(f"{FORMATS}add/", TYPED | definition() | given)
            make_award("10")
            exported()
    assert asked[0] == asked[1]
