import pytest

from applicants.domain.notice_words import WORDS
from applicants.domain.wording import render
from applicants.models import Notice

TITLES = {"title_zh": "国家企业技术中心奖励", "title_en": "Award for a technology centre"}
EVERYTHING = TITLES | {
    "number": "QI-2026-000001",
    "name": "A company",
    "name_after": "Another company",
    "from_name": "A company",
    "to_name": "Another company",
    "effective_on": "2026-06-30",
    "received_on": "2026-06-30",
    "basis": "Notice 7 of 2026",
    "party": "A company",
    "clerk": "窗口人员",
    "last4": "0099",
    "reason": "The seal is missing.",
    "notice": "QI-GS-2026-0001",
    "amount": "1234567.5",
    "payee": "A company",
    "note": "account closed",
    "due_on": "2026-12-31",
    "task": {"zh": "受理", "en": "acceptance"},
    "bureau": {"zh": "市工业和信息化局", "en": "Industry Bureau"},
    "city": {"zh": "青岛市", "en": "Qingdao"},
    "count": 1,
    "pool": "Industry fund",
    "year": "2026",
    "since": "2026-03-01 02:00",
    "percent": "92.5",
    "used": "925000",
    "limit": "1000000",
    "left": "75000",
    "register": "QI-RD-2026-00001",
    "by": "市科技局 负责人",
    "author": "市科技局 经办",
    "absent": "市科技局 审核",
    "deputy": "市科技局 经办",
    "starts_on": "2026-12-01",
    "label": {"zh": "市级培育企业", "en": "Enterprise fostered by the city"},
    "ends_on": "2026-12-31",
    "promised": "the audit report",
    "owed": "stay in the city",
    "objection": "QI-YY-2026-0001",
    "part": "2",
    "format": "CSV",
    "round": "Key technology, round 1",
    "title": "Support for key-technology projects",
    "email": "preparer@demo.example",
    "role": {"zh": "经办", "en": "preparer"},
    "place": {"zh": "市科技局", "en": "Science Bureau"},
    "person": "市科技局 经办",
}


def told(kind: str, language: str = "en", **data: object) -> tuple[str, str]:
    return render(Notice(kind=kind, data=data), language)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", WORDS)
def test_every_kind_is_filled_in(kind: str, language: str) -> None:
    title, text = told(kind, language, **EVERYTHING)
    assert [mark for mark in ("—", "%", "{") if mark in (title + text).replace("92.5%", "")] == []


def test_the_same_notice_in_two_languages() -> None:
    title, text = told("reminder.window_closing", **EVERYTHING)
    assert title == "Applications close on Dec. 31, 2026: Award for a technology centre"
    assert text == (
        "Your draft for “Award for a technology centre” has not been submitted. "
        "The last day is Dec. 31, 2026."
    )
    title, _text = told("reminder.window_closing", "zh-hans", **EVERYTHING)
    assert "2026年12月31日" in title
    assert "国家企业技术中心奖励" in title


def test_an_amount_in_yuan() -> None:
    _title, text = told("case.awarded", **EVERYTHING)
    assert text == (
        "“Award for a technology centre”: 1,234,567.50 yuan have been awarded. Payment follows."
    )


def test_a_cut_names_its_cap() -> None:
    cut = {
        "label": {"zh": "年度上限", "en": "yearly limit"},
        "limit": "2000000.00",
        "used": "2000000.00",
        "room": "0.00",
    }
    _title, text = told("case.refused", **EVERYTHING, cuts=[cut])
    assert text.splitlines()[1:] == [
        "yearly limit: limit 2,000,000.00, used before 2,000,000.00, left 0.00"
    ]


def test_a_long_list_of_differences_is_cut_short() -> None:
    one = {"what": "counter", "key": "cap:x", "recorded": "5.00", "added_up": "4"}
    _title, text = told("check.difference", count=22, differences=[one] * 22)
    lines = text.splitlines()
    assert lines[1] == "balance of a limit cap:x: recorded 5.00, added up 4.00"
    assert (len(lines), lines[-1]) == (22, "and 2 more")


def test_a_fault_of_a_chain_is_a_sentence() -> None:
    one = {"what": "missing", "key": "ledger:qingdao #7", "row": "12"}
    _title, text = told("check.difference", count=1, differences=[one])
    assert text.splitlines()[1] == "ledger:qingdao #7: row 12, which was sealed, is gone"


def test_a_kind_without_words_shows_what_it_holds() -> None:
    assert told("moon.eclipsed", hour="21:00") == ("moon.eclipsed", "hour: 21:00")


def test_missing_data_shows_a_dash_instead_of_failing() -> None:
    assert told("case.accepted") == (
        "Case — has been accepted",
        "“—” is now with the responsible bureaus for review.",
    )


def test_a_line_break_cannot_reach_the_subject() -> None:
    title, _text = told("case.accepted", number="1\r\nBcc: someone@example.test")
    assert title == "Case 1 Bcc: someone@example.test has been accepted"
