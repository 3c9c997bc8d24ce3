"""Official lists of bad credit for tests, taken in by the people of finance."""

from datetime import date

from django.utils import timezone

from applicants.models import Party
from incentives.models import Award
from incentives.models.registry import ImportKind, RegistryImport
from reviews.domain import sweeps_lists
from reviews.models.staff import Role
from tests.factories import bureau, make_staff, valid_uscc
from tests.incentives.factories import make_award, make_party
from tests.registry_lists import csv_file

HEADINGS = ("统一社会信用代码", "身份证号", "名称", "名单", "列入日期", "移出日期", "文号")
LIST = "严重失信主体名单"


def owed(amount: str) -> Award:
    """An award to an organisation whose credit code a list may name."""
    party = make_party()
    party.uscc = valid_uscc()
    party.save()
    return make_award(amount, applicant=party)


def row(party: Party, since: str = "2026-05-01", until: str = "") -> tuple[str, ...]:
    return (party.uscc or "", "", f"{party.name}·旧名", LIST, since, until, "鲁信〔2026〕7号")


def take(*rows: tuple[str, ...], as_of: date | None = None) -> RegistryImport:
    found = sweeps_lists.bring_list(
        bureau=bureau("finance"),
        kind=ImportKind.CREDIT,
        upload=csv_file(HEADINGS, rows),
        source="信用中国 下载",
        as_of=as_of or timezone.localdate(),
        user=make_staff(Role.FINANCE_PREPARER, "finance"),
    )
    assert list(found.rows.exclude(problems={}).values_list("number", "problems")) == []
    return sweeps_lists.take_list(found=found, user=make_staff(Role.FINANCE_APPROVER, "finance"))
