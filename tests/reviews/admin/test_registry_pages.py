"""The registry in the admin: lists, records and sweeps, through the pages that people use."""

from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from applicants.models import Party
from incentives.domain.registry_columns import columns_of
from incentives.models import RegistryImport, RegistryRecord
from reviews.domain import sweeps_running
from reviews.domain.sweeps import start_sweep
from reviews.models import Application, Sweep
from reviews.models.staff import Role
from tests.factories import make_staff, programme
from tests.registry_lists import (
    PROGRAMME,
    RECOGNISED,
    Office,
    csv_file,
    organisations,
    party,
    recognised,
)

IMPORTS = "/admin/incentives/registryimport/"
RECORDS = "/admin/incentives/registryrecord/"
SWEEPS = "/admin/reviews/sweep/"


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def signed_in(user, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def bring(client: Client, office: Office, rows, headings=RECOGNISED):
    return client.post(
        f"{IMPORTS}add/",
        {"bureau": office.bureau.pk, "kind": "facts", "source": "名单1号", "as_of": "2026-03-31",
         "file": csv_file(headings, rows)},
    )  # fmt: skip


def cost(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_bring_look_and_take(office: Office) -> None:
    rows = recognised(2)
    preparer, approver = signed_in(office.preparer), signed_in(office.approver)
    assert preparer.get(f"{IMPORTS}add/").status_code == 200
    assert bring(preparer, office, rows).status_code == 302
    found = RegistryImport.objects.get()
    own = preparer.get(f"{IMPORTS}{found.pk}/change/").content.decode()
    assert "Another person takes the list in" in own
    assert "Take the whole list in" not in own
    assert "Take the whole list in" in approver.get(f"{IMPORTS}{found.pk}/change/").content.decode()
    step = reverse("admin:list_step", args=[found.pk, "take"])
    preparer.post(step)
    assert not Party.objects.filter(uscc=rows[0][0]).exists()
    approver.post(step)
    assert Party.objects.filter(uscc=rows[0][0]).exists()
    record = RegistryRecord.objects.get(party=party(rows[0]))
    shown = approver.get(f"{RECORDS}{record.pk}/change/").content.decode()
    assert "imported from a bureau&#x27;s list" in shown
    listed = approver.get(RECORDS, {"q": rows[1][0][:17]}).content.decode()
    assert (rows[1][1] in listed, rows[0][1] in listed) == (True, False)
    assert approver.get(IMPORTS).status_code == 200


@pytest.mark.parametrize(("language", "says"), [("zh-hans", "不是数"), ("en", "is not a number")])
def test_faults_first_in_the_readers_language(office: Office, language: str, says: str) -> None:
    client = signed_in(office.preparer, language)
    rows = recognised(2)
    bring(client, office, [rows[0], (*rows[1][:7], "两百万")])
    page = client.get(f"{IMPORTS}{RegistryImport.objects.get().pk}/change/").content.decode()
    assert says in page
    assert (rows[1][0] in page, rows[0][0] in page) == (True, False)


def test_a_file_that_is_no_list_is_told_at_its_field(office: Office) -> None:
    client = signed_in(office.preparer)
    answer = bring(client, office, organisations(1), headings=("甲", "乙", "丙", "丁"))
    assert answer.status_code == 200
    assert "“甲” is no column" in answer.content.decode()
    assert client.post(f"{IMPORTS}add/", {}).status_code == 200
    assert not RegistryImport.objects.exists()


@pytest.mark.parametrize("kind", ["facts", "recognitions"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_can_be_filled_in_and_brought(office: Office, kind: str, form: str) -> None:
    url = reverse("admin:list_template", args=[kind, form]) + f"?programme={PROGRAMME}"
    answer = signed_in(office.preparer).get(url)
    assert answer.status_code == 200
    if form == "csv":
        headings = answer.content.decode("utf-8-sig").strip().split(",")
    else:
        headings = [
            cell.value for cell in next(load_workbook(BytesIO(answer.content)).worksheets[0].rows)
        ]
    columns = columns_of(kind, headings, "qingdao")
    assert (f"{PROGRAMME}.rd_expenses" in columns.keys) == (kind == "facts")


def test_strangers_see_nothing(office: Office) -> None:
    bring(signed_in(office.preparer), office, recognised(1))
    found = RegistryImport.objects.get()
    other = signed_in(make_staff(Role.PREPARER, "education"))
    assert other.get(f"{IMPORTS}{found.pk}/change/").status_code == 404
    finance = signed_in(make_staff(Role.FINANCE_PREPARER, "finance"))
    assert finance.get(f"{IMPORTS}{found.pk}/change/").status_code == 404
    assert finance.get(SWEEPS).status_code == 403
    dalian = signed_in(make_staff(Role.POLICY_EDITOR, city="dalian"))
    assert dalian.get(f"{IMPORTS}{found.pk}/change/").status_code == 404


def test_a_sweep_from_start_to_cases(office: Office) -> None:
    rows = recognised(3)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    client = signed_in(office.approver)
    assert client.get(f"{SWEEPS}add/").status_code == 200
    asked = {"programme": programme(PROGRAMME).pk, "on": "2026-03-31"}
    assert client.post(f"{SWEEPS}add/", asked).status_code == 302
    sweep = Sweep.objects.get()
    page = f"{SWEEPS}{sweep.pk}/change/"
    waiting = client.get(page)
    assert (waiting["Refresh"], "0 of 3 looked at" in waiting.content.decode()) == ("4", True)
    sweeps_running.run_sweeps()
    done = client.get(page)
    assert "Refresh" not in done
    assert "1,050,000.00" in done.content.decode()
    chosen = sweep.rows.order_by("pk").first()
    client.post(reverse("admin:sweep_open", args=[sweep.pk]), {"row": [chosen.pk]})
    assert Application.objects.count() == 1
    client.post(reverse("admin:sweep_open", args=[sweep.pk]), {"all": "on"})
    assert Application.objects.count() == 3
    lines = b"".join(client.get(reverse("admin:sweep_result", args=[sweep.pk])).streaming_content)
    assert lines.decode("utf-8-sig").count("350000.00") == 6
    assert client.get(SWEEPS).status_code == 200
    auditor = signed_in(make_staff(Role.AUDITOR))
    assert "Open cases" not in auditor.get(page).content.decode()
    auditor.post(reverse("admin:sweep_open", args=[sweep.pk]), {"all": "on"})
    assert Application.objects.count() == 3


def test_pages_cost_the_same_for_many(office: Office) -> None:
    client = signed_in(office.approver)

    def costs(count: int) -> list[int]:
        rows = recognised(count)
        found = office.bring(csv_file(RECOGNISED, rows))
        office.take(found)
        sweep = start_sweep(
            programme=programme(PROGRAMME), on=date(2026, 3, 31), user=office.preparer
        )
        sweeps_running.run_sweeps()
        record = RegistryRecord.objects.order_by("pk").first()
        return [
            cost(client, url)
            for url in (
                IMPORTS,
                f"{IMPORTS}{found.pk}/change/",
                RECORDS,
                f"{RECORDS}{record.pk}/change/",
                SWEEPS,
                f"{SWEEPS}{sweep.pk}/change/",
            )
        ]

    costs(1)
    assert costs(3) == costs(60)
