"""The targets by the API: everybody may read them."""

from datetime import date
from decimal import Decimal

from django.test import Client

from incentives.models import Target, TargetActual
from tests.factories import make_user


def every(address: str) -> list[dict]:
    client, found = Client(), []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        found += page["results"]
        address = page["next"] or ""
    return found


def test_all_82_with_what_was_reached(db: None) -> None:
    TargetActual.objects.create(
        target=Target.objects.get(code="qd-sti-hitech-firms"),
        year=2023,
        value=Decimal("6500"),
        as_of=date(2023, 12, 31),
        source="统计公报",
        entered_by=make_user(),
    )
    rows = every("/api/targets/")
    assert len(rows) == 82
    row = next(row for row in rows if row["code"] == "qd-sti-hitech-firms")
    assert (row["baseline"], row["value"], row["year"]) == ("4396.0000", "8000.0000", 2025)
    assert (row["state"], row["share"]) == ("behind", "0.5838")
    assert row["points"] == [
        {"year": 2023, "value": "6500", "as_of": "2023-12-31", "source": "统计公报"}
    ]


def test_filters(db: None) -> None:
    assert len(every("/api/targets/?city=dalian")) == 10
    found = every("/api/targets/?document=qd-new-industries&search=unicorns")
    assert [row["code"] for row in found] == ["qd-ni-unicorns"]
    assert Client().post("/api/targets/").status_code == 405
