"""Rules that look at the registers find there what the city itself has entered."""

import json

import pytest
from django.utils import timezone

from incentives.domain import registers
from incentives.models import ProgrammeVersion, RegisterEntry
from incentives.policy.programme import digest, programme_from_json
from reviews.domain.assessing import assess_case, from_registers
from reviews.domain.replay import Finding, replay
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, bureau

pytestmark = pytest.mark.django_db
CODE = "hitech-first-recognition-award"
TITLE = "dishonesty-list"


def barred(condition: str) -> Cast:
    """The programme with one condition more, on a title in the registers."""
    cast = Cast(CODE)
    version = cast.programme.current
    written = json.loads(version.definition)
    written["conditions"] = [*written.get("conditions", []), {condition: {"title": TITLE}}]
    for example in written["examples"]:
        example["recognitions"] = []
    rules = programme_from_json(written)
    ProgrammeVersion.objects.create(
        programme=cast.programme,
        number=version.number + 1,
        definition=json.dumps(rules.to_json(), ensure_ascii=False),
        digest=digest(rules),
    )
    return cast


def enter(cast: Cast) -> RegisterEntry:
    today = timezone.localdate()
    return RegisterEntry.objects.create(
        city=cast.programme.city,
        kind="title",
        title=TITLE,
        number=registers.number_for(cast.programme.city, "title", today),
        label_zh="失信名单",
        label_en="List of dishonest bodies",
        party=cast.party,
        bureau=bureau("market"),
        starts_on=today,
        entered_by=cast.clerk,
    )


def test_what_no_rule_asks_for_is_not_read() -> None:
    assert from_registers(factories.draft(Cast(CODE))) == {}


@pytest.mark.parametrize(
    ("condition", "before"), [("not_held", "eligible"), ("held", "ineligible")]
)
def test_an_entry_in_force_decides(condition: str, before: str) -> None:
    cast = barred(condition)
    case = factories.draft(cast)
    assert assess_case(case).decision == before
    enter(cast)
    after = {"eligible": "ineligible", "ineligible": "eligible"}[before]
    assert assess_case(case).decision == after


def test_an_entry_that_was_ended_counts_no_longer() -> None:
    cast = barred("not_held")
    case = factories.draft(cast)
    entry = enter(cast)
    approver = cast.of(cast.handling, Role.APPROVER)
    registers.take_step(entry_id=entry.pk, kind="end", note="移出名单", actor=approver)
    assert assess_case(case).decision == "eligible"
    entries = from_registers(case)["recognitions"]
    assert [one["title"] for one in entries] == [TITLE]


def test_a_determination_keeps_what_the_registers_held() -> None:
    cast = barred("not_held")
    case = factories.determined(cast)
    enter(cast)
    determination = case.determinations.get()
    assert determination.facts["recognitions"] == []
    assert replay(determination).finding == Finding.SAME
