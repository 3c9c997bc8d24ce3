"""From registration to a line of the downloaded ledger, by the API alone."""

import csv
import io
from typing import Any

import pytest

from applicants.models import Event
from incentives.domain.settings import change_setting
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api
from tests.applicants.files import PDF, upload

PROGRAMME = "enterprise-tech-centre-award"
FACTS = {
    "centre_name": "甲公司技术中心",
    "level": "national",
    "recognised": True,
    "approval_date": "2026-03-01",
}


@pytest.fixture
def publicity_over_at_once(db: None) -> None:
    change_setting(
        city=factories.qingdao(),
        programme=None,
        key="publicity_days",
        value=0,
        basis="A test.",
        actor=factories.make_staff(Role.POLICY_EDITOR),
    )


def registered(clerk: Api) -> int:
    party = clerk.post(
        "parties/organisations/",
        {
            "uscc": factories.valid_uscc().lower(),
            "kind": "enterprise",
            "name": "甲公司",
            "district": "laoshan",
        },
        201,
    )
    account = {"holder": "甲公司", "bank": "测试银行", "number": "6217 0000 0000 0000 999"}
    shown = clerk.post(f"parties/{party['id']}/account/", account, 201)
    assert shown["number"] == "**** **** **** 0999"
    return int(party["id"])


def submitted(clerk: Api, party: int) -> int:
    start = {"party": party, "city": "qingdao", "programme": PROGRAMME}
    case = clerk.post("applications/", start, 201)
    case = clerk.patch(f"applications/{case['id']}/facts/", {"facts": FACTS})
    for key in FACTS:
        lay(clerk, party, case["id"], key)
    check = clerk.get(f"applications/{case['id']}/check/")
    assert (check["assessment"]["amount"], check["problems"]) == ("5000000.00", {})
    case = clerk.post(f"applications/{case['id']}/submit/", {"declaration": True})
    assert case["state"] == "submitted"
    assert clerk.get("applications/?state=submitted")["results"][0]["number"] == case["number"]
    return int(case["id"])


def lay(clerk: Api, party: int, case: int, key: str) -> None:
    document = clerk.upload(f"parties/{party}/documents/", upload(f"{key}.pdf", PDF))
    laid = {"fact": key, "document": document["id"]}
    clerk.post(f"applications/{case}/evidence/", laid, 201)


class Office:
    """Staff of each bureau by role, each with a client."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, Role], Api] = {}

    def of(self, bureau: str, role: Role, case: int | None = None) -> Api:
        """With a case: once they have declared to have no interest in it."""
        if (bureau, role) not in self.made:
            self.made[bureau, role] = Api(factories.make_staff(role, bureau))
        found = self.made[bureau, role]
        if case is not None:
            found.post(f"cases/{case}/declare/", {"conflict": False})
        return found


def decided(office: Office, case: int) -> None:
    preparer = office.of("drc", Role.PREPARER, case)
    assert preparer.post(f"cases/{case}/accept/")["state"] == "accepted"
    for line in preparer.get(f"cases/{case}/")["opinions"]:
        bureau = {"bureau": line["bureau"]}
        writes, gives = (
            office.of(line["bureau"], role, case) for role in (Role.PREPARER, Role.APPROVER)
        )
        writes.post(f"cases/{case}/prepare-opinion/", bureau | {"position": "agree"})
        gives.post(f"cases/{case}/approve-opinion/", bureau)
    preparer.post(f"cases/{case}/confirm-facts/", {"facts": FACTS})
    wanted = {"outcome": "award", "reason": "符合条款。"}
    assert preparer.post(f"cases/{case}/propose/", wanted)["state"] == "proposed"
    office.of("drc", Role.APPROVER, case).post(f"cases/{case}/approve/")
    finance = office.of("finance", Role.FINANCE_PREPARER, case)
    finance.post(f"cases/{case}/finance-check/", {"note": "ok"})
    notice = preparer.post("cases/publish/", {"cases": [case]}, 201)
    assert (notice["count"], notice["total"]) == (1, "5000000.00")


def paid(office: Office) -> dict[str, Any]:
    prepares, approves = (
        office.of("finance", role) for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    )
    due = prepares.get("instalments/due/?city=qingdao")["results"]
    wanted = {"city": "qingdao", "instalments": [part["id"] for part in due]}
    batch = prepares.post("batches/", wanted, 201)
    own = prepares.post(f"batches/{batch['id']}/approve/", status=403)
    assert own["errors"][0]["code"] == "permission_denied"
    approves.post(f"batches/{batch['id']}/approve/")
    files = approves.post(f"batches/{batch['id']}/export/")
    assert [file["format"] for file in files] == ["csv", "xlsx"]
    bank = approves.download(f"batches/{batch['id']}/files/csv/").decode("utf-8-sig")
    assert "6217000000000000999" in bank
    answers = [{"line": line["id"], "result": "paid"} for line in batch["lines"]]
    settled: dict[str, Any] = approves.post(f"batches/{batch['id']}/settle/", {"lines": answers})
    return settled


def test_registration_to_a_ledger_line_equal_to_the_award(publicity_over_at_once: None) -> None:
    clerk, office = Api(factories.make_user("clerk")), Office()
    party = registered(clerk)
    case = submitted(clerk, party)
    decided(office, case)
    award = office.of("drc", Role.APPROVER).post(f"cases/{case}/award/", {}, 201)
    assert (award["amount"], award["state"]) == ("5000000.00", "committed")
    batch = paid(office)
    assert (batch["state"], batch["total"]) == ("settled", award["amount"])

    finance = office.of("finance", Role.FINANCE_PREPARER)
    (line,) = finance.get(f"ledger/?stage=paid&case_number={award['case_number']}")["results"]
    assert (line["amount"], line["award"]) == (award["amount"], award["id"])
    text = finance.download("ledger/export/?stage=paid").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    taken_out = Event.objects.get(kind="ledger.exported")
    assert taken_out.data == {"format": "csv", "filter": {"stage": "paid"}}
    assert rows[0]["Case number"] == award["case_number"]
    assert rows[0]["Amount (yuan)"] == award["amount"]

    told = clerk.get(f"applications/{case}/")
    assert (told["state"], told["decision"]["granted"]) == ("awarded", award["amount"])
    assert clerk.get(f"awards/{award['id']}/")["instalments"][0]["amount"] == award["amount"]
    assert clerk.get("notices/?unread=true")["results"]
    assert clerk.post("notices/read/")["count"] > 0
    assert clerk.get("notices/?unread=true")["results"] == []
