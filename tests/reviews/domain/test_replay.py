"""A determination assessed again from what was stored with it: the same bytes."""

import json
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from incentives.domain.programmes import rules_of
from incentives.models import ProgrammeVersion
from incentives.policy.programme import digest, programme_from_json
from incentives.policy.rendering import dumps
from reviews.domain.replay import Finding, replay
from reviews.models import Determination
from tests.factories import Cast, determined, programme, proposed

PROGRAMMES = [
    "hitech-first-recognition-award",  # a fixed sum
    "national-project-team-award",  # a rate chosen by reviewers, and a team
    "tech-sme-rd-reward",
    "enterprise-tech-centre-award",
    "benchmark-incubator",  # a title, no money
    "national-competition-matching",
]


def of(code: str, *, approved: bool = True) -> Determination:
    cast = Cast(code, _kind(code))
    case = determined(cast) if approved else proposed(cast)
    found = Determination.objects.select_related("application__version", "application__applicant")
    return found.get(application=case)


def _kind(code: str) -> str:
    return rules_of(programme(code).current).roles.applicant[0]


@pytest.mark.parametrize("code", PROGRAMMES)
def test_the_same_bytes_come_out(db: None, code: str) -> None:
    determination = of(code)
    found = replay(determination)
    assert found.finding == Finding.SAME
    assert found.assessment == determination.assessment
    assert json.loads(found.assessment)["programme"] == code


def test_what_was_granted_before_is_kept_with_it(db: None) -> None:
    """The second of two cases is assessed less the first; awards after it change nothing."""
    centre = programme("enterprise-tech-centre-award")
    rules = json.loads(centre.current.definition)
    label = {"zh": "已授予", "en": "granted before"}
    rules["caps"], rules["same_event"], rules["examples"] = [], [], rules["examples"][:1]
    rules["tallies"] = {"paid": {"label": label, "per": ["centre_name"], "period": "life"}}
    rules["amount"] = [{"less": [rules["amount"][0], {"already_granted": "paid"}]}]
    read = programme_from_json(rules)
    ProgrammeVersion.objects.create(
        programme=centre, number=99, digest=digest(read), definition=dumps(read.to_json())
    )
    facts = {"centre_name": "甲公司技术中心", "recognised": "true", "approval_date": "2021-03-01"}
    determined(Cast(centre.code), facts | {"level": "provincial"}, {})
    case = proposed(Cast(centre.code), facts | {"level": "national"}, {})
    second = case.determinations.select_related("application__version").get()
    assert json.loads(second.assessment)["amount"] == "4500000.00"
    determined(
        Cast(centre.code), facts | {"centre_name": "乙公司技术中心", "level": "national"}, {}
    )
    assert replay(second).same
    second.history = {}
    assert replay(second).finding == Finding.OTHER_ASSESSMENT


def test_what_was_done_to_the_stored_row_is_found(db: None) -> None:
    """The database refuses such a change; should it be made all the same, replaying tells."""
    determination = of("hitech-first-recognition-award", approved=False)
    stored = determination.assessment
    determination.assessment = stored.replace("350000.00", "900000.00", 1)
    assert determination.assessment != stored
    assert replay(determination).finding == Finding.OTHER_ASSESSMENT
    determination.assessment = stored
    determination.assessed += 1
    assert replay(determination).finding == Finding.OTHER_SUM
    determination.assessed -= 1
    determination.digest = "0" * 64
    assert replay(determination).finding == Finding.OTHER_VERSION
    determination.digest = determination.application.version.digest
    assert replay(determination).same
    determination.facts = {**determination.facts, "recognised_on": "some day"}
    assert replay(determination).finding in {Finding.UNREADABLE, Finding.OTHER_ASSESSMENT}


def test_the_command_tells_which_one_differs(committed_db: None, owner_url: str) -> None:
    first, second = of("hitech-first-recognition-award"), of("tech-sme-rd-reward")
    said, complaints = StringIO(), StringIO()
    call_command("replay", stdout=said, stderr=complaints)
    assert (said.getvalue(), complaints.getvalue()) == (
        "2 determinations assessed again, 0 different.\n",
        "",
    )
    tamper(owner_url, second)
    with pytest.raises(SystemExit) as stopped:
        call_command("replay", stdout=StringIO(), stderr=complaints)
    assert stopped.value.code == 1
    number = second.application.number
    assert complaints.getvalue() == f"{number} #1: {Finding.OTHER_ASSESSMENT}\n"
    call_command("replay", first.application.number, stdout=StringIO())
    with pytest.raises(CommandError, match="No determination of: QD-0"):
        call_command("replay", "QD-0", stdout=StringIO())


def tamper(owner_url: str, determination: Determination) -> None:
    """As the owner of the tables, with their triggers put aside."""
    with psycopg.connect(owner_url) as link:
        link.execute("ALTER TABLE reviews_determination DISABLE TRIGGER USER")
        link.execute(
            "UPDATE reviews_determination SET assessment = replace(assessment, '.00', '.01')"
            " WHERE id = %s",
            [determination.pk],
        )
        link.execute("ALTER TABLE reviews_determination ENABLE TRIGGER USER")
