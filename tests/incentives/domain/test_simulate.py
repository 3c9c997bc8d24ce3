"""Simulated sequences: as the document prints them, errors by the line, and a year that adds up."""

import json
from collections import defaultdict
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from incentives.domain.catalogue import catalogue_programmes
from incentives.domain.simulate import Simulation, simulate_lines
from incentives.domain.simulate_events import read_event, year_in_shanghai
from incentives.domain.simulate_generate import generated_lines
from incentives.policy.rendering import dumps
from incentives.policy.text import InputError
from tests.incentives.domain.simulation_document import DOCUMENT, Sequence, sequences, shortened

PROGRAMMES = catalogue_programmes()
CENTRE = {
    "programme": "enterprise-tech-centre-award",
    "on": "2026-06-01",
    "applicant": "A",
    "facts": {
        "centre_name": "甲公司技术中心",
        "level": "provincial",
        "recognised": True,
        "approval_date": "2026-03-01",
    },
}


def play(*lines: Any, settings: Any = None) -> list[dict[str, Any]]:
    written = [line if isinstance(line, str) else dumps(line) for line in lines]
    return list(simulate_lines(written, programmes=PROGRAMMES, settings=settings or {}))


def centre(name: str, **changed: Any) -> dict[str, Any]:
    facts = CENTRE["facts"] | {"centre_name": name}
    return {"ref": name, **CENTRE, "facts": facts, **changed}


DOCUMENTED = list(sequences(DOCUMENT.read_text(encoding="utf-8")))


@pytest.mark.parametrize("sequence", DOCUMENTED)
def test_the_document_prints_what_comes_out(sequence: Sequence) -> None:
    found = play(*sequence.given, settings=sequence.settings)
    said = [dumps(line if sequence.whole else shortened(line)) for line in found]
    assert said == sequence.printed


def test_the_document_holds_every_worked_sequence() -> None:
    assert len(DOCUMENTED) == 9


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{bad", ""),
        ({"kind": "nope"}, "kind"),
        ({**CENTRE, "more": 1}, "more"),
        ({**CENTRE, "programme": "nope"}, "programme"),
        ({**CENTRE, "on": "yesterday"}, "on"),
        ({**CENTRE, "approved_on": "noon"}, "approved_on"),
        ({**CENTRE, "applicant": ""}, "applicant"),
        ({**CENTRE, "facts": {"level": "lunar"}}, "facts.level"),
        ({**CENTRE, "facts": []}, "facts"),
        ({"kind": "revoke", "ref": "x", "on": "2026-01-01"}, "ref"),
        ({"kind": "pool", "code": "p", "year": 2026, "limit": "1"}, "city"),
        ({"kind": "pool", "code": "p", "year": "soon", "limit": "1", "city": "qingdao"}, "year"),
        ({"kind": "pool", "year": 2026, "limit": "1", "city": "qingdao"}, "code"),
        (
            {"kind": "pool", "code": "p", "year": 2026, "limit": "-1", "city": "qingdao"},
            "limit",
        ),
        (
            {"kind": "budget", "programme": "enterprise-tech-centre-award", "year": 2026,
             "limit": "1", "mode": "lottery"},
            "mode",
        ),
        (
            {"kind": "pool", "code": "p", "year": 2026, "limit": "1",
             "programmes": ["enterprise-tech-centre-award", "dl-enterprise-tech-centre"]},
            "city",
        ),
    ],
)  # fmt: skip
def test_a_wrong_line_is_answered_and_changes_nothing(line: Any, field: str) -> None:
    wrong, right = play(line, CENTRE)
    assert (wrong["line"], wrong["error"]["field"]) == (1, field)
    assert (right["ref"], right["granted"]) == ("2", "500000.00")


def test_a_ref_is_used_once_and_its_grant_revoked_once() -> None:
    again = play(
        centre("甲"),
        centre("甲"),
        {"kind": "revoke", "ref": "甲", "on": "2026-07-01"},
        {"kind": "revoke", "ref": "甲", "on": "2026-07-02"},
    )
    assert [line.get("released", line.get("error", {}).get("field")) for line in again] == [
        None, "ref", "500000.00", "ref",
    ]  # fmt: skip


def test_what_pays_no_money_is_granted_null_and_takes_no_ceiling() -> None:
    code, rules = next(
        (code, rules)
        for code, rules in PROGRAMMES.items()
        if not rules.outcome.pays and rules.examples[0].decision == "eligible"
    )
    example = rules.examples[0]
    line = {
        "programme": code, "on": example.day.isoformat(), "applicant": "A",
        "facts": dict(example.facts),
    }  # fmt: skip
    told = play(line)[0]
    assert (told["decision"], told["granted"], told["cuts"]) == ("eligible", None, [])


def test_a_pool_is_not_set_below_what_it_has_granted() -> None:
    pool = {"kind": "pool", "code": "p", "year": 2026, "limit": "499999.99", "city": "qingdao"}
    assert play(centre("甲"), pool)[1]["error"]["field"] == "limit"


def test_a_pro_rata_budget_comes_before_the_lines_that_share_it() -> None:
    budget = {
        "kind": "budget", "programme": CENTRE["programme"], "year": 2026, "limit": "1",
        "mode": "pro_rata",
    }  # fmt: skip
    assert play(centre("甲"), budget)[1]["error"]["field"] == "budget"


def test_a_settled_year_takes_no_more_lines_of_its_budget() -> None:
    budget = {
        "kind": "budget", "programme": CENTRE["programme"], "year": 2026, "limit": "300000",
        "mode": "pro_rata",
    }  # fmt: skip
    lines = play(budget, centre("甲"), centre("乙", on="2027-01-01"), centre("丙"))
    assert [line.get("kind") for line in lines] == ["budget", None, "settlement", None, None]
    assert lines[2]["granted"] == "300000.00"
    assert lines[3]["granted"] == "500000.00"
    assert lines[4]["granted"] == "500000.00"


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        ("2026-12-31", 2026),
        ("2026-12-31T23:59:59.999999+08:00", 2026),
        ("2026-12-31T15:59:59Z", 2026),
        ("2026-12-31T16:00:00Z", 2027),
        ("2026-12-31T23:59:59", 2026),
        ("2027-01-01T00:00:00+08:00", 2027),
    ],
)
def test_the_year_is_shanghais(moment: str, year: int) -> None:
    assert year_in_shanghai(moment) == year


def test_a_year_of_five_thousand_applications_adds_up_and_obeys_every_cap() -> None:
    lines = [dumps(line) for line in generated_lines(PROGRAMMES, 5000, seed=1)]
    again = islice(generated_lines(PROGRAMMES, 5000, seed=1), 200)
    assert lines[:200] == [dumps(line) for line in again]
    run, said = Simulation(PROGRAMMES, {}), []
    for number, line in enumerate(lines, 1):
        said += run.take(read_event(line, number, PROGRAMMES))
    said += run.settle()
    *printed, summary = simulate_lines(lines, programmes=PROGRAMMES, settings={}, summed=True)
    assert printed == said
    assert summary["total"]["count"] == 5000
    assert_adds_up(summary, said)
    assert_every_ceiling_holds(run)
    assert {"cap", "event", "pool"} <= {
        cut["kind"] for line in said for cut in line.get("cuts", ())
    }


def assert_adds_up(summary: dict[str, Any], said: list[dict[str, Any]]) -> None:
    """The groups against the total, and both against the lines themselves."""
    for name in ("assessed", "granted", "cut", "released"):
        groups = sum((Decimal(group[name]) for group in summary["groups"]), Decimal(0))
        assert groups == Decimal(summary["total"][name])
    for row in (*summary["groups"], summary["total"]):
        parts = (Decimal(row[name]) for name in ("granted", "cut", "released"))
        assert sum(parts) == Decimal(row["assessed"])
    standing: dict[str, Decimal] = {}
    for line in said:
        if line.get("kind") == "settlement":
            standing |= {one["ref"]: Decimal(one["granted"]) for one in line["shares"]}
        elif line.get("kind") == "revoke":
            standing[line["ref"]] = Decimal(0)
        elif "decision" in line:
            standing[line["ref"]] = Decimal(line["granted"] or 0)
    assert sum(standing.values()) == Decimal(summary["total"]["granted"]) > 0


def assert_every_ceiling_holds(run: Simulation) -> None:
    for books in run.books.values():
        held: dict[str, Decimal] = defaultdict(Decimal)
        for counter in books.counters.values():
            assert sum(hold.amount for hold in counter.held.values()) == counter.used
            assert 0 <= counter.used <= counter.limit
        for award in books.awards.values():
            held[award.state] += award.amount
            assert 0 < award.amount <= award.assessed
        assert held["reserved"] > 0
    assert sum(line.granted for line in run.lines.values()) == sum(
        award.amount
        for books in run.books.values()
        for award in books.awards.values()
        if award.state == "reserved"
    )


def test_an_unknown_fact_of_a_key_is_refused_by_its_name() -> None:
    """A ceiling cannot be counted on what is not given."""
    facts = {key: value for key, value in CENTRE["facts"].items() if key != "centre_name"}
    with pytest.raises(InputError, match=r"facts\.centre_name"):
        list(
            Simulation(PROGRAMMES, {}).take(
                read_event(json.dumps({**CENTRE, "facts": facts}), 1, PROGRAMMES)
            )
        )
