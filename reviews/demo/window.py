"""At the window: a firm renamed, one merged into another, one helped, one awarded before."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from stdnum.cn import uscc

from applicants.domain import parties
from applicants.models import City, District, Party, PartyChange, User
from applicants.models.party_change import ChangeKind
from incentives.models import Bureau, Programme
from incentives.models.registry import ImportKind
from reviews.demo import people, walk
from reviews.demo.paper import one_page_pdf
from reviews.domain import (
    applications,
    assistance,
    behalf,
    party_changes,
    sweeps_lists,
    working_days,
)
from reviews.domain.assessing import rules
from reviews.models import Application
from reviews.models.staff import Role

RENEWAL = "hitech-renewal-award"
HEADINGS = (
    "统一社会信用代码,政策事项,文号,批准日期,金额（元）,hitech-renewal-award.certificate_number"
)


def make_window() -> bool:
    """Once; whether it was made."""
    if PartyChange.objects.exists():
        return False
    renamed = _firm("示范旧名企业（演示）", "91370212MA0000101")
    _change(ChangeKind.RENAME, renamed, name_after="示范新名企业（演示）")
    merged = _firm("示范被并企业（演示）", "91370212MA0000102")
    people.account(merged, _owner(merged), "6217000000000000102")
    kept = _firm("示范存续企业（演示）", "91370212MA0000103")
    _file(merged, _owner(merged))
    _change(ChangeKind.MERGER, merged, successor=kept)
    _help(_firm("示范窗口企业（演示）", "91370212MA0000104"))
    _open(renamed)
    return True


def _firm(name: str, code: str) -> Party:
    owner = people.user(f"{code[-3:]}.clerk@demo.example", f"{name} 经办")
    return parties.register_organisation(
        user=owner,
        uscc=code + uscc.calc_check_digit(code),
        kind="enterprise",
        name=name,
        district=District.objects.get(city=people.CITY, code="laoshan"),
    )


def _owner(party: Party) -> User:
    return User.objects.get(membership__party=party)


def _change(
    kind: ChangeKind, party: Party, successor: Party | None = None, name_after: str = ""
) -> None:
    city, clerk = _city(), _office(Role.WINDOW)
    change = party_changes.prepare(
        city=city,
        kind=kind,
        party=party,
        successor=successor,
        name_after=name_after,
        effective_on=working_days.today(),
        basis="演示：市场监管部门准予登记通知书",
        document=party_changes.keep_basis(city=city, upload=_paper(), user=clerk),
        user=clerk,
    )
    party_changes.make(change_id=change.pk, user=_office(Role.COORDINATOR))


def _file(party: Party, clerk: User) -> Application:
    programme = Programme.objects.get(city=people.CITY, code=RENEWAL)
    facts, _choices = walk.example_facts(programme)
    case = walk.draft(party=party, programme=programme, clerk=clerk, facts=facts)
    walk.submit(case, clerk)
    return case


def _help(party: Party) -> None:
    """The clerk enters the account too, which a paper confirms."""
    clerk, city = _office(Role.WINDOW), _city()
    opened = assistance.open_assistance(
        city=city,
        party=party,
        authorised_by="示范窗口企业（演示） 法定代表人",
        reason="演示：单位不便使用网上平台",
        document=assistance.keep_paper(city=city, upload=_paper(), clerk=clerk),
        ends_on=working_days.today() + timedelta(days=30),
        clerk=clerk,
    )
    assistance.enter_account(
        assistance_id=opened.pk,
        holder=party.name,
        bank="演示银行",
        number="6217000000000000104",
        document=assistance.keep_paper(city=city, upload=_paper(), clerk=clerk),
        clerk=clerk,
    )
    _file_for(party, clerk)


def _file_for(party: Party, clerk: User) -> None:
    programme = Programme.objects.get(city=people.CITY, code=RENEWAL)
    case = applications.start_application(party=party, programme=programme, user=clerk)
    facts, _choices = walk.example_facts(programme)
    applications.save_facts(case_id=case.pk, values=facts, user=clerk)
    for key, fact in rules(case).facts.items():
        if fact.evidence:
            laid = behalf.keep_paper(case, upload=_paper(), user=clerk)
            applications.attach(case_id=case.pk, fact_key=key, document=laid, user=clerk)
    applications.submit(case_id=case.pk, user=clerk, declared_true=True)


def _open(party: Party) -> None:
    """An award of a year before the house, which counts from the first day."""
    row = f"{party.uscc},{RENEWAL},演示文号〔2020〕1号,2020-12-03,100000,GR202037109999"
    found = sweeps_lists.bring_list(
        bureau=Bureau.objects.get(city=people.CITY, code="sti"),
        kind=ImportKind.AWARDS,
        upload=SimpleUploadedFile("历年兑现（演示）.csv", f"{HEADINGS}\r\n{row}".encode()),
        source="演示：历年兑现台账",
        as_of=date(2025, 12, 31),
        user=_office(Role.FINANCE_PREPARER),
    )
    sweeps_lists.take_list(found=found, user=_office(Role.FINANCE_APPROVER))


def _paper() -> SimpleUploadedFile:
    content = one_page_pdf("Huiqi: paper of the window for the demo")
    return SimpleUploadedFile("窗口材料.pdf", content, content_type="application/pdf")


def _city() -> City:
    return City.objects.get(pk=people.CITY)


def _office(role: Role) -> User:
    return User.objects.get(email=people.office_address(role))
