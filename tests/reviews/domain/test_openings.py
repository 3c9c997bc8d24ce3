"""Lists that open the books: awards of earlier years count from the first day, and nothing else."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Party
from incentives.domain import money
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.domain.registry_words import heard
from incentives.models import Award, Counter, ImportRow, LedgerEntry, RegistryImport
from incentives.models.registry import ImportKind
from reviews.demo.walk import identity
from reviews.domain import sweeps_lists
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, bureau, make_staff, make_user
from tests.incentives.factories import cap, reserve
from tests.registry_lists import csv_file
from tests.reviews.domain.test_history_at_once import CENTRES, change, less_granted
from tests.reviews.domain.test_party_changes import Registry

pytestmark = pytest.mark.django_db
AWARD = ("统一社会信用代码", "政策事项", "文号", "批准日期", "金额（元）")
BALANCE = ("统一社会信用代码", "政策事项", "上限代码", "计入年度", "期初已用")
RENEWAL, LISTING = "hitech-renewal-award", "ne-listing-subsidy"
CERTIFICATE = "GR202037100002"


class Books:
    """The finance bureau's two hands, and the lists that they bring."""

    def __init__(self) -> None:
        self.preparer = make_staff(Role.FINANCE_PREPARER, "finance")
        self.approver = make_staff(Role.FINANCE_APPROVER, "finance")
        self.city = bureau("finance").city

    def bring(self, file: SimpleUploadedFile, kind: str = ImportKind.AWARDS) -> RegistryImport:
        return sweeps_lists.bring_list(
            bureau=bureau("sti"), kind=kind, upload=file, source="2015—2025年兑现台账",
            as_of=date(2025, 12, 31), user=self.preparer,
        )  # fmt: skip

    def open(
        self, headings: Sequence[str], *rows: Sequence[str], kind: str = ImportKind.AWARDS
    ) -> RegistryImport:
        found = self.bring(csv_file(headings, rows), kind)
        assert problems(found) == {}
        return sweeps_lists.take_list(found=found, user=self.approver)


def problems(found: RegistryImport) -> dict[int, dict[str, str]]:
    faulty = ImportRow.objects.filter(of=found).exclude(problems={})
    return {row.number: {key: heard(told) for key, told in row.problems.items()} for row in faulty}


@pytest.fixture
def books(db: None) -> Books:
    return Books()


@pytest.fixture
def party(db: None) -> Party:
    return factories.make_organisation(make_user())


def code(party: Party) -> str:
    return str(party.uscc)


def renewed(party: Party, certificate: str = CERTIFICATE, amount: str = "100000") -> list[str]:
    return [code(party), RENEWAL, "青科〔2020〕7号", "2020-12-03", amount, certificate]


def by_certificate() -> tuple[str, ...]:
    return (*AWARD, f"{RENEWAL}.certificate_number")


def sound() -> bool:
    return differences(city_code="qingdao") == []


def test_an_award_of_an_earlier_year_is_entered_whole_with_its_source(
    books: Books, party: Party
) -> None:
    found = books.open(by_certificate(), renewed(party))
    award = Award.objects.get(applicant=party)
    assert (award.state, award.amount, award.approval_year) == ("committed", 100000, 2020)
    assert award.opening.of == found
    entry = LedgerEntry.objects.get(award=award)
    assert (entry.stage, entry.amount, entry.approval_year) == ("opening", 100000, 2020)
    assert (entry.year, timezone.localdate(entry.posted_at)) == (2020, timezone.localdate())
    assert entry.reason == "2015—2025年兑现台账 · 青科〔2020〕7号 · 名单.csv#2"
    assert not award.instalments.exists()
    assert sound()


def test_what_is_given_once_is_not_given_again(books: Books) -> None:
    cast = Cast(RENEWAL)
    books.open(by_certificate(), renewed(cast.party))
    case = factories.determined(
        cast, {"certificate_number": CERTIFICATE, "recognition_ordinal": "second"}, {}
    )
    assert case.state == "refused"
    other = factories.determined(
        Cast(RENEWAL), {"certificate_number": "GR202037100003", "recognition_ordinal": "second"}, {}
    )
    assert other.state == "determined"
    assert sound()


def test_a_lifetime_cap_leaves_what_is_left(books: Books) -> None:
    cast = Cast(LISTING)
    books.open(AWARD, [code(cast.party), LISTING, "青金〔2021〕1号", "2021-05-04", "2900000"])
    asked = Counter.objects.get(kind="cap", key__startswith=f"cap:{LISTING}:enterprise")
    limit = asked.limit
    later = cap(asked.key, str(limit))
    assert reserve("200000", caps=[later], applicant=cast.party).amount == limit - 2900000
    assert sound()


def test_of_a_party_that_has_ended_it_counts_for_its_successor(books: Books, party: Party) -> None:
    successor = factories.make_organisation(make_user())
    Registry().merge(party, successor)
    books.open(AWARD, [code(party), LISTING, "青金〔2021〕1号", "2021-05-04", "2900000"])
    asked = Counter.objects.get(kind="cap", key__startswith=f"cap:{LISTING}:enterprise")
    named = re.findall(r"=(\d+)", asked.key)
    assert str(successor.pk) in named
    assert str(party.pk) not in named
    assert Award.objects.get().applicant == party


def test_beyond_a_limit_nothing_is_cut_and_nothing_is_left(books: Books, party: Party) -> None:
    books.open(AWARD, [code(party), LISTING, "青金〔2021〕1号", "2021-05-04", "9000000"])
    counter = Counter.objects.get(kind="cap", key__startswith=f"cap:{LISTING}:enterprise")
    assert (counter.used, counter.carried) == (9000000, 9000000 - counter.limit)
    again = cap(counter.key, str(counter.limit))
    assert reserve("1", caps=[again], applicant=party).award is None
    assert sound()


def test_what_a_series_was_granted_before_is_taken_off(books: Books) -> None:
    change(CENTRES, less_granted)
    facts = {
        "centre_name": "甲公司技术中心", "level": "national", "recognised": "true",
        "approval_date": "2021-03-01",
    }  # fmt: skip
    cast = Cast(CENTRES)
    headings = (*AWARD, f"{CENTRES}.centre_name")
    row = [
        code(cast.party),
        CENTRES,
        "青发改〔2019〕3号",
        "2019-03-01",
        "1000000",
        "甲公司技术中心",
    ]
    books.open(headings, row)
    case = factories.determined(cast, facts)
    assert factories.award_of(case).amount == 4000000
    assert sound()


def test_a_pool_of_its_year_counts_it_whichever_comes_first(books: Books, party: Party) -> None:
    first = books.open(by_certificate(), renewed(party))
    pool = set_pool(
        city=first.city, code="whole", year=2020, title="全市年度总额", limit=Decimal(250000),
        programmes=[], basis="市政府专题会议纪要", actor=make_user(),
    )  # fmt: skip
    assert Counter.objects.get(key=pool.key).used == 100000
    books.open(by_certificate(), renewed(party, "GR202037100009"))
    assert Counter.objects.get(key=pool.key).used == 200000
    then = timezone.make_aware(datetime(2020, 12, 31, 12))
    assert reserve("100000", at=then).amount == 50000
    assert sound()


def test_two_people_and_once(books: Books, party: Party) -> None:
    file = csv_file(by_certificate(), [renewed(party)])
    found = books.bring(file)
    with pytest.raises(NotAllowed):
        sweeps_lists.take_list(found=found, user=books.preparer)
    assert not Award.objects.filter(applicant=party).exists()
    sweeps_lists.take_list(found=found, user=books.approver)
    file.seek(0)
    again = books.bring(file)
    assert "number" in problems(again)[2]
    with pytest.raises(Refused):
        sweeps_lists.take_list(found=again, user=books.approver)
    assert Award.objects.filter(applicant=party).count() == 1


def test_the_preparers_own_approval_is_refused_by_the_database_too(
    books: Books, party: Party
) -> None:
    found = books.bring(csv_file(by_certificate(), [renewed(party)]))
    with pytest.raises(IntegrityError, match="import_takes_two_people"), transaction.atomic():
        RegistryImport.objects.filter(pk=found.pk).update(
            state="applied", applied_by=books.preparer, applied_at=timezone.now()
        )


def test_a_row_of_a_list_that_was_not_taken_opens_nothing(books: Books, party: Party) -> None:
    found = books.bring(csv_file(by_certificate(), [renewed(party)]))
    row = found.rows.get()
    version = factories.programme(RENEWAL).current
    with pytest.raises(Conflict), transaction.atomic():
        money.open_award(
            row=row, case_number="QD-LN-2020-000001", version=version, applicant=party,
            bureau=bureau("sti"), amount=Decimal(1), at=timezone.now(), actor=make_user(),
            reason="", counters=[], verb="奖励", payer="city",
        )  # fmt: skip


def test_one_row_opens_one_award(books: Books, party: Party) -> None:
    found = books.open(by_certificate(), renewed(party))
    with pytest.raises(Conflict), transaction.atomic():
        money.open_award(
            row=found.rows.get(), case_number="QD-LN-2020-999999",
            version=factories.programme(RENEWAL).current, applicant=party, bureau=bureau("sti"),
            amount=Decimal(100000), at=timezone.now(), actor=make_user(), reason="", counters=[],
            verb="奖励", payer="city",
        )  # fmt: skip


@pytest.mark.parametrize(
    "role", [Role.POLICY_EDITOR, Role.AUDITOR, Role.FINANCE_APPROVER, Role.APPROVER]
)
def test_only_finance_and_the_bureaus_preparers_bring_them(party: Party, role: Role) -> None:
    at = {Role.FINANCE_APPROVER: "finance", Role.APPROVER: "sti"}.get(role)
    with pytest.raises(NotAllowed):
        sweeps_lists.bring_list(
            bureau=bureau("sti"), kind=ImportKind.AWARDS,
            upload=csv_file(by_certificate(), [renewed(party)]), source="台账",
            as_of=date(2025, 12, 31), user=make_staff(role, at),
        )  # fmt: skip


def test_every_fault_by_its_column(books: Books, party: Party) -> None:
    wrong = [
        ["91370200XXXXXXXXXX", RENEWAL, "文", "2020-12-03", "1", CERTIFICATE],
        [code(party), "no-such-programme", "文", "2020-12-03", "1", CERTIFICATE],
        [code(party), RENEWAL, "", "2020-12-03", "1", CERTIFICATE],
        [code(party), RENEWAL, "文", "2020-13-03", "1", CERTIFICATE],
        [code(party), RENEWAL, "文", "2099-12-03", "1", CERTIFICATE],
        [code(party), RENEWAL, "文", "2020-12-03", "0", CERTIFICATE],
        [code(party), RENEWAL, "文", "2020-12-03", "1.234", CERTIFICATE],
        [code(party), RENEWAL, "文", "2020-12-03", "1", ""],
        renewed(party),
        renewed(party),
    ]
    found = books.bring(csv_file(by_certificate(), wrong))
    expected = {
        2: ["uscc"], 3: ["programme"], 4: ["number"], 5: ["on"], 6: ["on"], 7: ["amount"],
        8: ["amount"], 9: [f"{RENEWAL}.certificate_number"], 11: ["number"],
    }  # fmt: skip
    assert {row: sorted(told) for row, told in problems(found).items()} == expected


def test_of_a_person_only_the_fingerprint_is_kept(books: Books) -> None:
    number = identity()
    person = factories.parties.person_payee(name="测试人员", id_number=number)
    home = "settling-in-allowance"
    facts = (f"{home}.home_certificate_number", f"{home}.degree")
    headings = ("统一社会信用代码", "身份证号", *AWARD[1:], *facts)
    row = [
        "",
        number,
        home,
        "青人社〔2020〕9号",
        "2020-12-03",
        "150000",
        "LD-2020-000001",
        "doctor",
    ]
    found = books.bring(csv_file(headings, [row]))
    kept = found.rows.get()
    assert kept.values["identity"] == "*" * 14 + number[-4:]
    assert number not in str(kept.values)
    assert kept.problems == {}
    sweeps_lists.take_list(found=found, user=books.approver)
    assert Award.objects.get(applicant=person).amount == 150000


def test_a_balance_of_a_cap_holds_from_the_first_day(books: Books, party: Party) -> None:
    row = [code(party), LISTING, "enterprise", "", "2950000"]
    books.open(BALANCE, row, kind=ImportKind.BALANCES)
    counter = Counter.objects.get(kind="cap", key__startswith=f"cap:{LISTING}:enterprise")
    entry = counter.entries.get()
    assert (counter.used, entry.award, entry.opening.number) == (2950000, None, 2)
    later = cap(counter.key, str(counter.limit))
    assert reserve("200000", caps=[later], applicant=party).amount == counter.limit - 2950000
    assert sound()


def test_a_balance_of_one_year_counts_in_that_year(books: Books, party: Party) -> None:
    team = "national-project-team-award"
    row = [code(party), team, "unit_year", "2025", "1999999.99"]
    books.open(BALANCE, row, kind=ImportKind.BALANCES)
    key = f"cap:{team}:unit_year:applicant={party.pk}:2025"
    assert Counter.objects.get(key=key).used == Decimal("1999999.99")
    assert sound()


def test_a_release_keeps_the_balance_that_stands_for_itself(books: Books, party: Party) -> None:
    books.open(BALANCE, [code(party), LISTING, "listing", "", "500000"], kind=ImportKind.BALANCES)
    counter = Counter.objects.get(key=f"event:listing:{party.pk}")
    later = cap(counter.key, "800000", kind="event", heat=2)
    grant = reserve("800000", caps=[later], applicant=party)
    assert grant.amount == 300000
    with transaction.atomic():
        award = Award.objects.get(pk=grant.award)
        money.release(award=award, at=timezone.now(), actor=make_user(), reason="撤回")
    counter.refresh_from_db()
    assert (counter.used, counter.limit) == (500000, 500000)
    assert sound()


@pytest.mark.parametrize("name", ["no-such-cap", ""])
def test_a_balance_names_a_cap_of_its_programme(books: Books, party: Party, name: str) -> None:
    found = books.bring(
        csv_file(BALANCE, [[code(party), LISTING, name, "", "1"]]), ImportKind.BALANCES
    )
    assert list(problems(found)[2]) == ["cap"]
    assert "enterprise" in problems(found)[2]["cap"]


def test_raw_sql_of_the_application_opens_nothing(party: Party) -> None:
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        run("SELECT huiqi_add_opening('qingdao', 'k', 'cap', 'yuan', 1, 1, 1)")


def run(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_same_from_a_shell(books: Books, party: Party, tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    file.write_bytes(csv_file(by_certificate(), [renewed(party)]).read())
    told = {"kind": "awards", "city": "qingdao", "bureau": "sti", "source": "台账"}
    options = [f"--{key}={value}" for key, value in told.items()]
    out = StringIO()
    call_command(
        "openings", "look", str(file), *options, "--as-of=2025-12-31",
        f"--by={books.preparer.email}", stdout=out,
    )  # fmt: skip
    found = RegistryImport.objects.get()
    assert out.getvalue() == f"list {found.pk}: 1 rows, 0 with faults\n"
    with pytest.raises(CommandError):
        call_command("openings", "take", str(found.pk), f"--by={books.preparer.email}")
    call_command("openings", "take", str(found.pk), f"--by={books.approver.email}", stdout=out)
    assert Award.objects.get(applicant=party).amount == 100000


@pytest.mark.parametrize(
    "wrong", [{"by": "nobody@example.test"}, {"bureau": "none"}, {"file": "/nowhere.csv"}]
)
def test_a_shell_says_what_is_wrong(books: Books, wrong: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    file.write_text("名称")
    told = {"file": str(file), "by": books.preparer.email, "bureau": "sti"} | wrong
    with pytest.raises(CommandError):
        call_command(
            "openings", "look", told["file"], "--kind=awards", "--city=qingdao", "--source=台账",
            "--as-of=2025-12-31", f"--bureau={told['bureau']}", f"--by={told['by']}",
        )  # fmt: skip
