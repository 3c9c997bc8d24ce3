"""One case with everything that may befall it, and its whole history on one page at the end.

Returned at acceptance, supplemented in review, four bureaus in parallel of which one objects, a
joint meeting, a scoring round, two signatures, objections of which one is upheld, the award.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from incentives.domain.settings import change_setting
from incentives.models import Award, Counter, Programme
from reviews.admin.bulk_steps import BULKS
from reviews.demo import people
from reviews.models import Application, ScoringRound
from tests.e2e import offstage
from tests.e2e.applicant import Applicant
from tests.e2e.desk import ROUNDS, Officer
from tests.e2e.words import said, yuan
from tests.factories import publicity_end

pytestmark = pytest.mark.e2e

PROGRAMME = "key-tech-project-support"
CRITERIA = "novelty | 创新性 | Novelty | 60 | 10\nteam | 团队与基础 | Team | 40 | 10"
OURS, THEIRS = 3_000_000, 2_000_000
DEFECT = "请上传盖章的立项通知书"
CHANGED = "请写项目全称，与任务书一致"
OBJECTION = "指标与既有专项重复，建议核减。"
MEETING = "联席会议议定：与专项错位，同意按程序推进。"
FALSE_PAPERS = "任务书上的合作单位并未参加该项目。"
NO_GROUNDS = "申报金额偏高，请核查。"


@dataclass
class Stage:
    """Who is on it; everybody but the first comes when called."""

    clerk: Applicant
    applicant: Callable[..., Applicant]
    officer: Callable[[str], Officer]
    experts: list[str] = field(default_factory=list)


def test_one_case_all_the_way(
    applicant: Callable[..., Applicant], officer: Callable[[str], Officer], paper: Path
) -> None:
    people.make_enterprise()
    preparer, approver = officer("sti.preparer"), officer("sti.approver")
    stage = Stage(applicant("clerk@demo.example"), applicant, officer)
    leaders_sign_from(2_500_000)
    stage.experts = offstage.experts(3)
    opened = a_round_opens(preparer, approver)
    number = filed(stage.clerk, paper)
    returned_with_every_defect(stage, number, paper)
    supplemented_in_review(stage, number)
    one_bureau_objects(stage, number)
    settled_at_a_joint_meeting(stage, number)
    rival, weaker = (offstage.rival(PROGRAMME, f"QD-KT-0{n + 2}", n) for n in range(2))
    scored_and_ranked(stage, opened, [number, str(rival.number), str(weaker.number)])
    determined_by_two_signatures(stage, number)
    offstage.determined(rival, THEIRS)
    published_together(stage, number, rival)
    objections_are_decided(stage, number, rival)
    with time_machine.travel(a_day_after_publicity(number), tick=True):
        awarded(stage, number, rival)
        read_on_one_page(stage, number)
        stage.clerk.open_case(number)
        stage.clerk.reads(yuan(OURS))


def leaders_sign_from(amount: int) -> None:
    programme = Programme.objects.get(code=PROGRAMME)
    change_setting(
        city=programme.city, programme=programme, key="signature_thresholds", value=[str(amount)],
        basis="专项资金管理办法", actor=people.user("clerk@demo.example", ""),
    )  # fmt: skip


def a_round_opens(preparer: Officer, approver: Officer) -> ScoringRound:
    today = timezone.localdate().isoformat()
    preparer.open(f"{ROUNDS}add/")
    programme = Programme.objects.get(code=PROGRAMME)
    preparer.fill(programme=programme.pk, title="关键技术攻关项目评审", opens_on=today)
    preparer.fill(closes_on=today, criteria=CRITERIA, sheets=3, cut_by="number", cut=2)
    preparer.press("Keep the plan")
    preparer.reads("关键技术攻关项目评审")
    planned = ScoringRound.objects.get(programme=programme)
    approver.open(f"{ROUNDS}{planned.pk}/change/")
    approver.press("Open the round")
    approver.is_told("The round takes cases.")
    return planned


def filed(clerk: Applicant, paper: Path) -> str:
    clerk.start(PROGRAMME)
    clerk.state_facts(project_number="QD-KT-01", project_name="水下滑翔机", field="modern_marine")
    clerk.state_facts(key_technology_project="true", selected_on_merit="true")
    clerk.upload_everywhere(paper)
    clerk.check_answers()
    return clerk.submit()


def returned_with_every_defect(stage: Stage, number: str, paper: Path) -> None:
    preparer = stage.officer("sti.preparer")
    preparer.open_case(number)
    preparer.act("return_case", fact_project_name=CHANGED, paper_key_technology_project=DEFECT)
    stage.clerk.open_case(number)
    for defect in (CHANGED, DEFECT):
        stage.clerk.reads(defect)
    goes_on_with_the_form(stage.clerk)
    expect(stage.clerk.page.locator('[name="fact-project_number"]')).to_have_count(0)
    stage.clerk.state_facts(project_name="水下滑翔机关键技术")
    stage.clerk.upload_everywhere(paper)
    submitted_again(stage.clerk)
    preparer.open_case(number)
    preparer.act("accept")


def goes_on_with_the_form(clerk: Applicant) -> None:
    clerk.page.locator('main a[href$="/form/"]').first.click()
    clerk.page.wait_for_url("**/form/")


def submitted_again(clerk: Applicant) -> None:
    clerk.check_answers()
    clerk.fill(declaration=True)
    clerk.press("Submit again")
    clerk.page.wait_for_url("**/receipt/")


def supplemented_in_review(stage: Stage, number: str) -> None:
    """An opinion on a fact that is changed afterwards is asked again; the change is shown."""
    gives_opinion(stage, number, "drc", position="agree", text="同意。")
    preparer = stage.officer("sti.preparer")
    preparer.open_case(number)
    preparer.act("return_case", fact_field="请按立项文件填写领域")
    stage.clerk.open_case(number)
    goes_on_with_the_form(stage.clerk)
    stage.clerk.state_facts(field="new_energy_materials")
    submitted_again(stage.clerk)
    preparer.open_case(number)
    for value in ("现代海洋", "新能源新材料"):
        preparer.reads(value)


def gives_opinion(stage: Stage, number: str, bureau: str, **opinion: object) -> None:
    preparer, approver = (stage.officer(f"{bureau}.{role}") for role in ("preparer", "approver"))
    preparer.open_case(number)
    preparer.act("prepare_opinion", **opinion)
    approver.open_case(number)
    approver.act("approve_opinion")


def one_bureau_objects(stage: Stage, number: str) -> None:
    gives_opinion(stage, number, "drc", position="agree", text="同意，按新填领域。")
    gives_opinion(stage, number, "miit", position="object", text=OBJECTION)
    offstage.agree_the_rest(number)


def settled_at_a_joint_meeting(stage: Stage, number: str) -> None:
    handling = stage.officer("sti.preparer")
    handling.open_case(number)
    assert not handling.may("propose")
    handling.answer_step("resolve", kind="meeting", text=MEETING)
    handling.press("Record the answer", handling.step("resolve"))
    handling.reads("Write the day of the meeting.")
    today = timezone.localdate().isoformat()
    handling.act(
        "resolve", kind="meeting", text=MEETING, held_on=today, present="市科技局、市工业和信息化局"
    )
    handling.act("confirm_facts", all_declared=True)
    assert not handling.may("propose")  # the ranking is awaited


def scored_and_ranked(stage: Stage, opened: ScoringRound, numbers: list[str]) -> None:
    """Two of three are above the cut; nobody reads a score before the last sheet is in."""
    preparer, approver = stage.officer("sti.preparer"), stage.officer("sti.approver")
    preparer.open(f"{ROUNDS}{opened.pk}/change/")
    preparer.press("Draw experts and begin scoring")
    preparer.is_told("The experts are drawn and told.")
    sheets = approver.main.locator("h2", has_text=said("Score sheets"))
    for email in stage.experts:
        approver.open(f"{ROUNDS}{opened.pk}/change/")
        expect(sheets).to_have_count(0)
        expert = stage.applicant(email)
        for place, number in enumerate(numbers):
            score(expert, number, novelty=9 - 2 * place)
    approver.open(f"{ROUNDS}{opened.pk}/change/")
    expect(sheets).to_have_count(1)
    approver.press("Fix the ranking")
    approver.is_told("The ranking is fixed.")
    above = approver.main.locator("tr:has(th a):has(.tag--ok)")
    assert [row.locator("th a").inner_text() for row in above.all()] == numbers[:2]
    minutes = approver.page.get_by_role("link", name=said("Minutes (PDF)")).get_attribute("href")
    assert approver.page.request.get(str(minutes)).body().startswith(b"%PDF")


def score(expert: Applicant, number: str, novelty: int) -> None:
    expert.open("/scoring/")
    expert.page.get_by_role("link", name=number, exact=True).click()
    expert.does_not_read("Facts and papers")
    expert.fill(conflict="no")
    expert.press("Declare")
    expert.reads("Facts and papers")
    expert.fill(novelty=novelty, team=7, comment="技术路线清楚，指标可以考核。")
    expert.press("Hand in")
    expert.reads("handed in")


def determined_by_two_signatures(stage: Stage, number: str) -> None:
    preparer = stage.officer("sti.preparer")
    preparer.open_case(number)
    preparer.answer_step("propose", outcome="award", choice_amount=5_000_001, reason="评审入选。")
    preparer.press("Propose", preparer.step("propose"))
    expect(preparer.step("propose").locator(".errorlist, .field__error")).not_to_have_count(0)
    preparer.act("propose", outcome="award", choice_amount=OURS, reason="评审入选，专家意见一致。")
    approver, leader = stage.officer("sti.approver"), stage.officer("sti.leader")
    approver.open_case(number)
    approver.act("approve")
    assert not Award.objects.filter(case_number=number).exists()
    leader.open_case(number)
    leader.act("approve")
    assert Award.objects.get(case_number=number).amount == OURS
    finance = stage.officer("pay.preparer")
    finance.open_case(number)
    finance.act("check", note="账户、资金来源、重复享受和信用情况已核查。")


def published_together(stage: Stage, number: str, rival: Application) -> None:
    preparer = stage.officer("sti.preparer")
    preparer.choose_cases("publish", number, str(rival.number))
    preparer.reads(yuan(OURS + THEIRS))
    preparer.press(BULKS["publish"].button)
    passer_by = stage.applicant()
    passer_by.open("/publicity/")
    passer_by.page.locator(".card__title a").first.click()
    passer_by.reads(yuan(OURS + THEIRS))


def objections_are_decided(stage: Stage, number: str, rival: Application) -> None:
    """By a leader who signed neither; the one upheld gives back what was reserved."""
    passer_by = stage.applicant()
    ours = objects_to(passer_by, "示范科技企业（演示）", NO_GROUNDS)
    theirs = objects_to(passer_by, str(rival.applicant.name), FALSE_PAPERS)
    leader = stage.officer("sti.leader")
    decides(leader, ours, "rejected", refused=True)  # who signed the determination does not
    uninvolved = stage.officer(offstage.second_leader())
    for case, objection, decision in (
        (str(rival.number), theirs, "upheld"),
        (number, ours, "rejected"),
    ):
        uninvolved.open_case(case)
        decides(uninvolved, objection, decision)
    rival.refresh_from_db()
    assert Award.objects.get(case_number=rival.number).state == "released"
    assert Award.objects.get(case_number=number).state == "reserved"
    used = Counter.objects.filter(unit="yuan", entries__award__case_number=rival.number)
    assert {counter.used for counter in used if "QD-KT-02" in counter.key} == {0}


def objects_to(passer_by: Applicant, whom: str, grounds: str) -> str:
    """The number of the objection."""
    passer_by.open("/publicity/")
    passer_by.page.locator(".card__title a").first.click()
    row = passer_by.page.get_by_role("row").filter(has_text=whom)
    row.get_by_role("link").click()
    passer_by.fill(name="某科技公司", contact="0532-00000000", text=grounds)
    passer_by.press("File the objection")
    told = passer_by.page.locator(".messages, .notice").filter(has_text="YY")
    found = re.search(r"[A-Z]+-YY-\d+-\d+", told.first.inner_text())
    assert found
    return found[0]


def decides(leader: Officer, number: str, decision: str, *, refused: bool = False) -> None:
    leader.open_objection(number)
    leader.fill(decision=decision, answer="已核实有关材料，处理意见如下。")
    leader.press("Decide")
    if refused:
        expect(leader.page.locator(".errorlist, .error-summary, .errornote").first).to_be_visible()
    else:
        leader.is_told("The decision and its reason are kept with the case.")


def a_day_after_publicity(number: str) -> str:
    end: date = publicity_end(Application.objects.get(number=number))
    return f"{end + timedelta(days=1)}T09:30:00+08:00"


def awarded(stage: Stage, number: str, rival: Application) -> None:
    approver = stage.officer("sti.approver")
    approver.open_case(str(rival.number))
    assert not approver.may("award")
    approver.open_case(number)
    approver.act("award", reason="青科项〔示范〕1号")
    assert Award.objects.get(case_number=number).state == "committed"


def read_on_one_page(stage: Stage, number: str) -> None:
    auditor = stage.officer("auditor")
    auditor.open_case(number)
    auditor.page.locator('main a[href$="/history/"]').first.click()
    auditor.page.wait_for_url("**/history/")
    for words in (DEFECT, CHANGED, "水下滑翔机关键技术", OBJECTION, MEETING, NO_GROUNDS):
        auditor.reads(words)
    auditor.does_not_read(FALSE_PAPERS)
    auditor.fits_a_phone()
