"""Decision letters: issued with their decisions, numbered, frozen, served once, verified."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.members import add_member
from applicants.models import Event, Notice, User
from incentives.models import Bureau
from reviews.domain import (
    acceptance,
    letters,
    objections,
    reconsiderations,
    telling,
    working_days,
)
from reviews.domain.letter_numbers import usual_mark
from reviews.domain.letter_templates import previewed, set_template
from reviews.domain.letter_values import cut_lines
from reviews.domain.letter_wording import OWN, declared, declared_marks, fill, known, sample
from reviews.domain.supplements import Told
from reviews.models import Application, CaseReading, Letter
from reviews.models.letter import LetterKind
from reviews.models.staff import Role
from reviews.models.supplement import DefectKind
from tests import factories
from tests.factories import Cast

SME = "tech-sme-rd-reward"
HITECH = "hitech-first-recognition-award"


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast(HITECH)


def newest(case: Application) -> Letter:
    return case.letters.latest("id")


def at_desk(cast: Cast, role: Role = Role.PREPARER) -> User:
    return cast.of(cast.handling, role)


def test_acceptance_is_served_with_a_number_of_its_bureau(cast: Cast) -> None:
    case = factories.accepted(cast)
    letter, year = newest(case), working_days.today().year
    assert (letter.kind, letter.number) == (LetterKind.ACCEPTED, f"青科受字〔{year}〕1号")
    assert letter.body.splitlines()[0] == f"{cast.party.name}："
    assert case.number in letter.body
    assert "《青岛市发展新产业培育新动能的意见》三(四)" in letter.body
    assert "{" not in letter.body
    assert letter.issued_by == at_desk(cast)
    event = Event.objects.get(kind="letter.issued")
    assert event.data == {"letter": letter.pk, "number": letter.number, "kind": "accepted"}
    notice = Notice.objects.get(kind="case.accepted")
    assert (notice.user, notice.url) == (cast.clerk, f"/letters/{letter.pk}/")


def test_a_return_lists_every_defect_at_once_in_chinese(cast: Cast) -> None:
    case = factories.submitted(cast)
    keys = list(factories.rules(cast).facts)[:2]
    told = [
        Told(DefectKind.FACT, "与证书不一致", keys[0]),
        Told(DefectKind.PAPER, "缺公章", keys[1]),
    ]
    acceptance.return_case(case_id=case.pk, user=at_desk(cast), reason="请补传承诺书", defects=told)
    facts, letter = factories.rules(cast).facts, newest(case)
    assert letter.kind == LetterKind.RETURNED
    assert letter.data["values"]["defects"].splitlines() == [
        f"1. {facts[keys[0]].label.zh}：与证书不一致",
        f"2. {facts[keys[1]].label.zh}：缺公章",
        "3. 请补传承诺书",
    ]
    assert all(line in letter.body for line in letter.data["values"]["defects"].splitlines())
    due = factories.fresh(case).due_on
    assert f"请于{due.year}年{due.month}月{due.day}日前补正" in letter.body


def test_a_refusal_to_accept_tells_of_reconsideration(cast: Cast) -> None:
    case = factories.submitted(cast)
    acceptance.decline(case_id=case.pk, user=at_desk(cast), reason="不在申报范围")
    letter = newest(case)
    last = reconsiderations.last_day(factories.fresh(case))
    assert letter.kind == LetterKind.NOT_ACCEPTED
    assert "理由：不在申报范围" in letter.body
    assert f"60日内（至{last.year}年{last.month}月{last.day}日）" in letter.body


def test_an_award_is_granted_in_figures_and_capitals(cast: Cast) -> None:
    case = factories.published(cast)
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1)):
        award = factories.decide_award(cast, case)
        letter = newest(case)
    assert letter.kind == LetterKind.GRANTED
    assert award.amount == Decimal("350000.00")
    assert "人民币350,000.00元（大写：人民币叁拾伍万元整）" in letter.body
    assert "核减" not in letter.body
    assert "登记号" not in letter.body


def test_an_outcome_without_money_says_what_is_conferred(db: None) -> None:
    cast = Cast("innovative-leader-enterprise")
    case = factories.determined(cast)
    if case.state != "concluded":
        from reviews.demo import walk

        walk.publish(case, cast.of)
        with time_machine.travel(factories.publicity_end(case) + timedelta(days=1)):
            walk.conclude(case, cast.of)
    letter = newest(case)
    assert letter.kind == LetterKind.GRANTED
    assert "兑现金额" not in letter.body
    assert f"登记号：{letter.data['values']['register']}" in letter.body
    assert letter.data["values"]["what"]


def objected(cast: Cast, upheld: bool) -> Application:
    case = factories.published(cast)
    item = case.publicityitem_set.get()
    objector = factories.make_user("objector")
    objection = objections.file_objection(
        item_id=item.pk, name="某企业", contact="0532-1", text="数据不实", user=objector
    )
    another = factories.make_staff(Role.APPROVER, cast.handling)
    objections.handle(
        objection_id=objection.pk, upheld=upheld, answer="核查结论", user=cast.free(another)
    )
    return case


def test_an_objection_is_answered_to_the_objector_alone(cast: Cast) -> None:
    case = objected(cast, upheld=False)
    letter = newest(case)
    objector = letter.application.publicityitem_set.get().objections.get().filed_by
    assert (letter.kind, letter.data["public_name"]) == (LetterKind.OBJECTION, "某**")
    assert letter.body.startswith("某企业：")
    assert "异议不成立，维持原审定" in letter.body
    assert list(letters.letters_to(objector)) == [letter]
    assert letter not in letters.letters_to(cast.clerk)
    assert letters.open_letter(letter_id=letter.pk, user=cast.clerk) is None
    assert Notice.objects.get(user=objector).url == f"/letters/{letter.pk}/"


def test_an_upheld_objection_serves_the_applicant_the_refusal_too(cast: Cast) -> None:
    case = objected(cast, upheld=True)
    kinds = list(case.letters.order_by("id").values_list("kind", flat=True))
    assert kinds == ["accepted", "objection", "refused"]
    assert "理由：核查结论" in newest(case).body
    assert newest(case) in letters.letters_to(cast.clerk)


def test_a_reconsideration_ends_in_a_letter(cast: Cast) -> None:
    case = factories.submitted(cast)
    acceptance.decline(case_id=case.pk, user=at_desk(cast), reason="不在申报范围")
    asked = reconsiderations.ask(case_id=case.pk, text="属于申报范围", user=cast.clerk)
    reconsiderations.decide(
        reconsideration_id=asked.pk,
        changed=True,
        answer="重新审查",
        user=at_desk(cast, Role.LEADER),
    )
    letter = newest(case)
    assert letter.kind == LetterKind.RECONSIDERED
    assert "撤销原决定，由本机关重新办理。" in letter.body
    assert case.letters.count() == 2


def test_a_case_taken_on_by_itself_has_its_letter_from_nobody(cast: Cast) -> None:
    case = factories.submitted(cast)
    with transaction.atomic():
        acceptance._take_on(case, actor=None, event="case.deemed_accepted")
    assert newest(case).issued_by is None


def test_ceilings_that_leave_nothing_are_the_reason() -> None:
    cut = {
        "label": {"zh": "年度上限", "en": "a year"},
        "unit": "yuan", "limit": "100", "used": "100", "room": "0", "cut": "50.5",
    }  # fmt: skip
    assert cut_lines([cut]) == ("按“年度上限”核减50.50元：上限100.00元，已用100.00元，余额0.00元。")
    assert cut_lines([cut | {"unit": "awards", "limit": "1", "used": "1"}]).endswith(
        "上限1个，已用1个，余额0个。"
    )


def test_numbers_run_by_city_bureau_and_year(db: None) -> None:
    first, second, other = Cast(HITECH), Cast(HITECH), Cast("enterprise-tech-centre-award")
    year = working_days.today().year
    numbers = [newest(factories.accepted(one)).number for one in (first, second, other)]
    mark = declared_marks("qingdao")[other.handling]
    assert numbers == [
        f"青科受字〔{year}〕1号",
        f"青科受字〔{year}〕2号",
        f"{mark}受字〔{year}〕1号",
    ]
    last = Cast(HITECH)
    case = factories.submitted(last)
    with time_machine.travel(f"{year + 1}-01-04 10:00:00+08:00"):
        acceptance.decline(case_id=case.pk, user=at_desk(last), reason="超出期限")
        assert newest(case).number == f"青科不受字〔{year + 1}〕1号"


def test_marks_of_the_catalogue_are_of_one_bureau_each(db: None) -> None:

    marks = [usual_mark(one, one.city) for one in Bureau.objects.select_related("city")]
    assert len(marks) == len(set(marks))


@pytest.mark.parametrize("field", ["title", "body", "number", "token", "kind", "data"])
def test_what_was_served_never_changes(cast: Cast, field: str) -> None:
    letter = newest(factories.accepted(cast))
    changed = {"data": {}}.get(field, "x")
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(**{field: changed})
    with pytest.raises(DatabaseError), transaction.atomic():
        letter.delete()


def test_the_first_opening_by_a_member_is_the_service(cast: Cast) -> None:
    letter = newest(factories.accepted(cast))
    other = factories.make_user("colleague")
    add_member(party=cast.party, email=other.email, role="clerk", user=cast.clerk)
    assert letters.open_letter(letter_id=letter.pk, user=factories.make_user()) is None
    assert letters.open_letter(letter_id=letter.pk, user=at_desk(cast)) is not None
    letter.refresh_from_db()
    assert letter.read_at is None
    assert letters.open_letter(letter_id=letter.pk, user=cast.clerk).read_by == cast.clerk
    assert letters.open_letter(letter_id=letter.pk, user=other).read_by == cast.clerk
    assert Event.objects.filter(kind="letter.read").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(read_by=other)


def test_staff_read_letters_of_cases_that_opened_to_them(cast: Cast) -> None:
    letter = newest(factories.accepted(cast))
    undeclared = factories.make_staff(Role.PREPARER, cast.handling)
    stranger = factories.make_staff(Role.PREPARER, "culture")
    auditor = factories.make_staff(Role.AUDITOR)
    assert letters.open_letter(letter_id=letter.pk, user=undeclared) is None
    assert letters.open_letter(letter_id=letter.pk, user=stranger) is None
    assert letters.open_letter(letter_id=letter.pk, user=auditor) == letter
    assert CaseReading.objects.filter(application=letter.application, user=auditor).count() == 1


def test_a_token_leads_to_its_letter_and_no_part_of_it_does(cast: Cast) -> None:
    letter = newest(factories.accepted(cast))
    assert letters.find_by_token(letter.token) == letter
    wrong = letter.token[:-1] + ("A" if letter.token[-1] != "A" else "B")
    for token in (wrong, letter.token[:12], letter.token + "A", "", "密"):
        assert letters.find_by_token(token) is None


def test_the_digest_is_of_what_was_served(cast: Cast) -> None:
    letter = newest(factories.accepted(cast))
    whole = letters.digest(letter)
    letter.body += "，"
    assert letters.digest(letter) != whole


def statements(cast: Cast) -> int:
    case = factories.submitted(cast)
    user = at_desk(cast)
    with CaptureQueriesContext(connection) as written:
        acceptance.accept(case_id=case.pk, user=user)
    return len(written)


def test_a_letter_costs_its_verb_three_statements(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = statements(Cast(HITECH))
    monkeypatch.setattr(letters, "issue", lambda *_a, **_more: None)
    monkeypatch.setattr(
        telling,
        "tell_letter",
        lambda case, kind, _letter, **data: telling.tell_applicant(case, kind, **data),
    )
    assert whole - statements(Cast(HITECH)) == 3


WORDING = {
    "title": "受理告知",
    "body": "{applicant}：\n{reason_unknown}",
    "basis": "青科〔2026〕1号",
}


def test_an_unknown_placeholder_is_refused_by_name(db: None) -> None:
    editor = factories.make_staff(Role.POLICY_EDITOR)
    with pytest.raises(Refused) as refused:
        set_template(city=factories.qingdao(), kind=LetterKind.ACCEPTED, user=editor, **WORDING)
    told = " ".join(refused.value.message_dict["body"])
    assert "{reason_unknown}" in told
    assert "{due_on}" in told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "{applicant}"),
        ("title", ""),
        ("body", ""),
        ("body", "a lone { brace"),
        ("body", "{}"),
        ("body", "{applicant.name}"),
        ("body", "{defects}"),
        ("body", "字" * 6001),
        ("basis", " "),
    ],
)
def test_a_wording_that_cannot_be_served_is_refused_on_its_field(
    db: None, field: str, value: str
) -> None:
    wording = {"title": "受理告知", "body": "{applicant}：", "basis": "文号", field: value}
    editor = factories.make_staff(Role.POLICY_EDITOR)
    with pytest.raises(Refused) as refused:
        set_template(city=factories.qingdao(), kind=LetterKind.ACCEPTED, user=editor, **wording)
    assert list(refused.value.message_dict) == [field]


def test_the_citys_wording_holds_from_then_on(cast: Cast) -> None:
    before = newest(factories.accepted(cast))
    editor = factories.make_staff(Role.POLICY_EDITOR)
    row = set_template(
        city=factories.qingdao(),
        kind=LetterKind.ACCEPTED,
        title="受理告知",
        body="致{applicant}：{case_number}已受理。",
        basis="青科〔2026〕1号",
        user=editor,
    )
    after = newest(factories.accepted(Cast(HITECH)))
    assert (after.title, after.data["template"]) == ("受理告知", row.pk)
    assert after.body.endswith("已受理。")
    before.refresh_from_db()
    assert before.title == declared(LetterKind.ACCEPTED).title
    assert Event.objects.get(kind="letter.template_set").reason == "青科〔2026〕1号"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.LEADER, Role.SECURITY])
def test_others_do_not_word_letters(db: None, role: Role) -> None:
    user = factories.make_staff(role, "sti" if role == Role.LEADER else None)
    with pytest.raises(NotAllowed):
        set_template(
            city=factories.qingdao(), kind=LetterKind.ACCEPTED, title="x", body="x", basis="x",
            user=user,
        )  # fmt: skip


def test_an_editor_of_another_city_does_not_word_letters(db: None) -> None:
    editor = factories.make_staff(Role.POLICY_EDITOR, city="dalian")
    with pytest.raises(NotAllowed):
        set_template(
            city=factories.qingdao(), kind=LetterKind.ACCEPTED, title="x", body="x", basis="x",
            user=editor,
        )  # fmt: skip


@pytest.mark.parametrize("kind", LetterKind)
def test_every_wording_of_the_file_fills_and_cites_its_basis(kind: LetterKind) -> None:
    usual = declared(kind)
    shown = previewed(kind, usual.title, usual.body)
    assert "{" not in shown.body
    assert sample(kind)["basis"] in shown.body
    assert set(OWN[kind]) - {"reason"} <= {
        name for name in known(kind) if f"{{{name}}}" in usual.body
    }
    if kind in (LetterKind.NOT_ACCEPTED, LetterKind.REFUSED, LetterKind.RECOVERY):
        assert "申请复核" in shown.body


def test_a_line_with_nothing_to_say_is_left_out_and_values_are_no_placeholders() -> None:
    text = "{applicant}：\n理由：{reason}\n不变。\n{cuts}"
    assert fill(text, {"applicant": "{reason}", "cuts": "甲\n乙"}) == "{reason}：\n不变。\n甲\n乙"


def test_a_verb_that_tells_what_a_letter_does_not_know_fails(cast: Cast) -> None:
    case = factories.submitted(cast)
    with pytest.raises(TypeError, match="defects"), transaction.atomic():
        letters.issue(case, LetterKind.ACCEPTED, {"defects": "x"}, actor=None)


def test_a_demand_for_recovery(cast: Cast) -> None:
    case = factories.accepted(cast)
    told = {"amount": Decimal("1005.06"), "reason": "未满承诺年限"}
    with transaction.atomic():
        letter = letters.issue(case, LetterKind.RECOVERY, told, actor=None)
    assert "人民币1,005.06元（大写：人民币壹仟零伍元零陆分）" in letter.body
