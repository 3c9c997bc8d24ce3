"""Whose eyes: strangers learn nothing (404), only people signed in enter, roles decide (403)."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver

from applicants.models import Notice
from config.api_urls import urlpatterns
from reviews.models import Application
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api, errors

CODE = "enterprise-tech-centre-award"
PUBLIC = {"programmes/", "programmes/<slug:city>/<slug:code>/", "token/", "accounts/"}
WRONG = ""  # whatever no other route takes
PUBLIC |= {"targets/", WRONG, "programmes/<slug:city>/<slug:code>/assess/"}
UNKNOWN = "00000000-0000-0000-0000-000000000000"
FILLED = {
    "<int:pk>": "1",
    "<int:party_pk>": "1",
    "<int:part>": "1",
    "<uuid:pk>": UNKNOWN,
    "<slug:file_format>": "csv",
}


def routes() -> Iterator[str]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern | URLResolver)
        yield str(pattern.pattern)


@pytest.mark.parametrize("route", sorted(set(routes()) - PUBLIC))
def test_nobody_enters_without_signing_in(db: None, route: str) -> None:
    for written, value in FILLED.items():
        route = route.replace(written, value)
    assert "<" not in route
    nobody = Api()
    for method in ("GET", "POST", "PATCH", "DELETE"):
        assert nobody.send(method, route, {}).status_code in (401, 405), (method, route)


@pytest.fixture
def cast(db: None) -> factories.Cast:
    return factories.Cast(CODE)


@pytest.fixture
def case(cast: factories.Cast) -> Application:
    return factories.accepted(cast)


OWN_PATHS = (
    "applications/{case}/",
    "applications/{case}/check/",
    "parties/{party}/",
    "parties/{party}/account/",
    "parties/{party}/facts/",
    "parties/{party}/documents/",
    "parties/{party}/members/",
    "documents/{document}/",
)


@pytest.mark.parametrize("path", OWN_PATHS)
def test_another_applicant_finds_nothing(
    cast: factories.Cast, case: Application, path: str
) -> None:
    laid = case.evidence.order_by("id")[0]
    path = path.format(case=case.pk, party=cast.party.pk, document=laid.document_id)
    stranger = factories.make_user()
    factories.make_organisation(stranger)
    seen = Api(cast.clerk).send("GET", path)
    assert (seen.status_code, bool(b"".join(seen))) == (200, True)  # read to its end
    assert Api(stranger).send("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "applications/{case}/facts/"),
        ("POST", "applications/{case}/submit/"),
        ("POST", "applications/{case}/withdraw/"),
        ("POST", "applications/{case}/evidence/"),
        ("POST", "applications/{case}/payees/"),
        ("POST", "applications/{case}/use_account/"),
        ("PATCH", "parties/{party}/"),
        ("PATCH", "parties/{party}/facts/"),
        ("POST", "parties/{party}/account/"),
        ("POST", "parties/{party}/members/"),
    ],
)
def test_another_applicant_changes_nothing(
    cast: factories.Cast, case: Application, method: str, path: str
) -> None:
    stranger = Api(factories.make_user())
    path = path.format(case=case.pk, party=cast.party.pk)
    assert stranger.send(method, path, {}).status_code == 404
    assert factories.fresh(case).state == "accepted"


def test_lists_hold_the_own_alone(cast: factories.Cast, case: Application) -> None:
    other = factories.Cast(CODE)
    factories.draft(other)
    own = Api(cast.clerk)
    assert [row["id"] for row in own.get("applications/")["results"]] == [case.pk]
    assert [row["id"] for row in own.get("parties/")["results"]] == [cast.party.pk]
    assert own.get("cases/")["results"] == []
    for money in ("ledger/", "batches/", "caps/", "pools/", "awards/"):
        assert own.get(money)["results"] == []


STEPS = (
    "accept",
    "return-case",
    "decline",
    "prepare-opinion",
    "approve-opinion",
    "confirm-facts",
    "propose",
    "approve",
    "send-back",
    "finance-check",
    "hand-back",
    "award",
)


@pytest.mark.parametrize("step", STEPS)
def test_steps_are_hidden_from_bureaus_that_are_not_asked(case: Application, step: str) -> None:
    stranger = factories.make_staff(Role.APPROVER, "culture")
    assert Api(stranger).send("POST", f"cases/{case.pk}/{step}/", {}).status_code == 404
    assert factories.fresh(case).state == "accepted"


def test_a_bureau_that_is_asked_sees_the_case_and_not_its_other_steps(
    cast: factories.Cast, case: Application
) -> None:
    asked = Api(cast.of("sti", Role.PREPARER))
    detail = asked.get(f"cases/{case.pk}/")
    assert [(one["name"], one["bureau"]) for one in detail["available"]] == [
        ("prepare_opinion", "sti"),
        ("ask_part", "sti"),
    ]
    wanted = {"outcome": "award", "reason": "x"}
    answer = asked.post(f"cases/{case.pk}/propose/", wanted, 403)
    assert answer["errors"][0]["code"] == "permission_denied"
    body = {"bureau": "miit", "position": "agree"}
    asked.post(f"cases/{case.pk}/prepare-opinion/", body, 403)


def test_drafts_of_opinions_stay_in_their_bureau(cast: factories.Cast, case: Application) -> None:
    writer, reader = (Api(cast.of(code, Role.PREPARER)) for code in ("sti", "miit"))
    body = {"bureau": "sti", "position": "object", "text": "canary-opinion"}
    writer.post(f"cases/{case.pk}/prepare-opinion/", body)
    assert "canary-opinion" in writer.send("GET", f"cases/{case.pk}/").content.decode()
    assert "canary-opinion" not in reader.send("GET", f"cases/{case.pk}/").content.decode()
    applicant = Api(cast.clerk).send("GET", f"applications/{case.pk}/").content.decode()
    assert "canary-opinion" not in applicant


def test_money_is_for_finance_and_auditors(cast: factories.Cast) -> None:
    case = factories.determined(cast)

    def seen(api: Api) -> int:
        return len(api.get("ledger/")["results"])

    assert seen(Api(cast.of("finance", Role.FINANCE_PREPARER))) == 1
    assert seen(Api(factories.make_staff(Role.AUDITOR))) == 1
    assert seen(Api(cast.of("drc", Role.PREPARER))) == 0
    Api(cast.clerk).get("ledger/export/", 403)
    reviewer = Api(cast.of("drc", Role.PREPARER))
    reviewer.get("ledger/export/", 403)
    assert [row["case_number"] for row in reviewer.get("awards/")["results"]] == [case.number]
    assert Api(cast.of("sti", Role.PREPARER)).get("awards/")["results"] == []


def test_an_auditor_reads_everything_and_changes_nothing(
    cast: factories.Cast, case: Application
) -> None:
    auditor = Api(factories.make_staff(Role.AUDITOR))
    assert auditor.get(f"cases/{case.pk}/")["available"] == []
    auditor.post(f"cases/{case.pk}/return-case/", {"reason": "x"}, 403)
    auditor.post("batches/", {"city": "qingdao", "instalments": [1]}, 403)
    told = errors(auditor.post("pools/", pool(), 403))
    assert told == {None: "Pools are set by finance approvers."}


def pool() -> dict[str, object]:
    return {
        "city": "qingdao",
        "code": "all",
        "year": 2026,
        "title": "全市",
        "limit": "100000000.00",
        "basis": "预算",
    }


def test_a_role_that_ended_is_gone_at_the_next_request(
    cast: factories.Cast, case: Application
) -> None:
    user = cast.of("drc", Role.PREPARER)
    assert Api(user).get("cases/")["results"] != []
    user.staffrole_set.update(is_active=False)
    assert Api(user).get("cases/")["results"] == []


def test_a_user_who_is_disabled_is_out(cast: factories.Cast) -> None:
    api = Api(cast.clerk)
    cast.clerk.is_active = False
    cast.clerk.save()
    api.get("applications/", 401)


def test_notices_are_their_readers(cast: factories.Cast, case: Application) -> None:
    notice = Notice.objects.filter(user=cast.clerk).first()
    assert notice is not None
    Api(cast.clerk).get(f"notices/{notice.pk}/")
    stranger = Api(factories.make_user())
    stranger.get(f"notices/{notice.pk}/", 404)
    stranger.post(f"notices/{notice.pk}/read/", status=404)
    assert stranger.post("notices/read/") == {"count": 0}
    notice.refresh_from_db()
    assert notice.read_at is None


def test_staff_open_papers_of_their_cases(cast: factories.Cast, case: Application) -> None:
    laid = case.evidence.order_by("id")[0]
    Api(cast.of("sti", Role.PREPARER)).download(f"documents/{laid.document_id}/")
    Api(factories.make_staff(Role.PREPARER, "culture")).get(f"documents/{laid.document_id}/", 404)


def test_payout_files_are_not_for_auditors(cast: factories.Cast) -> None:
    auditor = Api(factories.make_staff(Role.AUDITOR))
    auditor.get("batches/1/files/csv/", 404)
    told = errors(auditor.get("instalments/due/?city=dalian", 400))
    assert told == {"city": "You have no finance role in such a city."}
    assert auditor.get("instalments/due/?city=qingdao")["results"] == []


def test_a_wrong_address_is_told_in_json(db: None) -> None:
    for path in ("programme/", "programmes", "programmes/qing dao/x/", ""):
        assert Api().get(path, 404)["errors"][0]["code"] == "not_found"
