"""The registers by the API: each reader's own, narrowed, and never of another city's bureau."""

import pytest

from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api
from tests.factories import make_staff
from tests.reviews import unpaid
from tests.reviews.domain.test_entries import entry
from tests.reviews.unpaid import SUPPORT, TITLE

pytestmark = pytest.mark.django_db


def numbers(api, query=""):
    return {row["number"] for row in api.get(f"registers/?{query}")["results"]}


def test_the_holder_and_the_bureau_see_an_entry_and_nobody_else():
    cast, one = unpaid.concluded(TITLE)
    approver = cast.of(cast.handling, Role.APPROVER)
    readers = {
        "holder": cast.clerk,
        "bureau": approver,
        "auditor": make_staff(Role.AUDITOR, None, "dalian"),
        "same bureau of qingdao": make_staff(Role.APPROVER, "miit"),
        "auditor of qingdao": make_staff(Role.AUDITOR),
        "finance": make_staff(Role.FINANCE_PREPARER, "finance", "dalian"),
    }
    seen = {name: numbers(Api(user)) for name, user in readers.items()}
    assert [name for name, found in seen.items() if found] == ["holder", "bureau", "auditor"]
    Api(readers["same bureau of qingdao"]).get(f"registers/{one.pk}/", 404)
    shown = Api(cast.clerk).get(f"registers/{one.pk}/")
    assert (shown["number"], shown["level"], shown["figure"]) == (one.number, "champion", None)
    assert [step["kind"] for step in shown["steps"]] == ["enter"]
    Api().get("registers/", 401)


def test_filters_narrow_and_strange_values_are_refused():
    soon, later = entry(days=20), entry("listing", days=60)
    auditor = Api(make_staff(Role.AUDITOR))
    assert numbers(auditor, "kind=listing") == {later.number}
    assert numbers(auditor, "ends_within=30") == {soon.number}
    assert numbers(auditor, f"holder={soon.party.uscc}") == {soon.number}
    assert numbers(auditor, "city=dalian") == set()
    auditor.get("registers/?kind=strange", 400)


def test_terms_and_the_conclusion_go_through_the_api():
    cast, facts, _choices = unpaid.cast_of(SUPPORT)
    case = factories.reviewed(cast, facts)
    preparer = Api(cast.of(cast.handling, Role.PREPARER))
    body = {"outcome": "award", "reason": "符合条件"}
    refused = preparer.post(f"cases/{case.pk}/propose/", body, 400)
    assert [error["attr"] for error in refused["errors"]] == ["terms"]
    preparer.post(f"cases/{case.pk}/propose/", body | {"terms": "工位20个"})
    assert case.determinations.get().terms == "工位20个"


def test_a_published_case_is_concluded_by_its_approver_alone():
    cast, case = unpaid.published(TITLE)
    Api(cast.of(cast.handling, Role.PREPARER)).post(f"cases/{case.pk}/conclude/", {}, 403)
    entered = Api(cast.of(cast.handling, Role.APPROVER)).post(f"cases/{case.pk}/conclude/", {}, 201)
    assert (entered["kind"], entered["title"]) == ("title", TITLE)
