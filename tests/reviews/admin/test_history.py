"""The full history: everything in order, for whoever may read it, in a fixed number of queries."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applicants.templatetags.huiqi import pick, yuan
from incentives.domain.programmes import rules_of
from incentives.presenters.words import value_of
from reviews.demo import walk
from reviews.domain import (
    applications,
    assignments,
    interests,
    notes,
    objections,
    opinions,
    resolutions,
)
from reviews.domain.acceptance import return_case
from reviews.domain.supplements import Told
from reviews.models.objection import ResolutionKind
from reviews.models.staff import Role
from reviews.models.supplement import DefectKind
from reviews.models.task import Position
from reviews.presenters import history
from reviews.presenters.timeline import timeline
from tests import factories
from tests.factories import Cast, bureau, make_staff
from tests.reviews.domain.test_delegations import lend


def url(case):
    return f"/admin/reviews/application/{case.pk}/history/"


def groups(case, user):
    return [entry.group for entry in history.entries(case, user)]


@pytest.fixture
def lived(cast):
    """A case with something of everything that a case can live through before its award."""
    case = factories.submitted(cast)
    preparer = cast.of("sti", Role.PREPARER)
    assignments.take(task_id=case.tasks.get().pk, user=preparer)
    fact = case.facts.filter(declared__isnull=False).first()
    defects = [Told(DefectKind.FACT, "与证书不符", fact.key)]
    return_case(case_id=case.pk, user=preparer, defects=defects)
    applications.submit(case_id=case.pk, user=cast.clerk, declared_true=True)
    walk.accept(case, cast.of)
    notes.write_note(case_id=case.pk, text="请一并核对年度", user=preparer)
    opinions.prepare_opinion(
        case_id=case.pk,
        bureau=bureau("miit"),
        position=Position.OBJECT,
        text="证书已过期",
        user=cast.of("miit", Role.PREPARER),
    )
    given = opinions.approve_opinion(
        case_id=case.pk, bureau=bureau("miit"), user=cast.of("miit", Role.APPROVER)
    )
    walk.give_opinions(case, cast.of)
    resolutions.resolve(
        case_id=case.pk,
        opinion_id=given.pk,
        kind=ResolutionKind.REASON,
        text="已提交新证书",
        user=preparer,
    )
    walk.confirm_facts(case, cast.of)
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    leader = cast.of("sti", Role.LEADER)
    lend(cast.of("sti", Role.APPROVER), leader)
    walk.approve(case, lambda code, role: leader if role == Role.APPROVER else cast.of(code, role))
    walk.check(case, cast.of)
    walk.publish(case, cast.of)
    return factories.fresh(case)


def test_everything_in_order_with_names_roles_and_for_whom(cast, lived):
    reader = cast.of("sti", Role.PREPARER)
    found = history.entries(lived, reader)
    assert [entry.at for entry in found] == sorted(entry.at for entry in found)
    assert {entry.group for entry in found} == {
        "filing", "review", "opinions", "decision", "money", "publicity", "letters", "desk",
        "notes", "reading",
    }  # fmt: skip
    approved = next(entry for entry in found if entry.for_whom)
    assert (approved.person, approved.for_whom) == (
        cast.of("sti", Role.LEADER),
        str(cast.of("sti", Role.APPROVER)),
    )
    offices = {entry.office for entry in found if entry.person == cast.clerk}
    assert (len(offices), "" in {entry.office for entry in found if entry.person}) == (1, False)


def test_facts_before_and_after(cast, lived):
    """What was filed first stands under the filing, and what became of it under the supplement."""
    fact = lived.facts.filter(declared__isnull=False).first()
    label = pick(rules_of(lived.version).facts[fact.key].label)
    filed = [e for e in history.entries(lived, cast.clerk) if e.group == "filing"]
    first, second = (
        next(line for line in entry.lines if line.startswith(label))
        for entry in filed
        if any(line.startswith(label) for line in entry.lines)
    )
    shown = value_of(rules_of(lived.version).facts[fact.key], fact.declared)
    assert first == f"{label}：{shown}"  # the usual language is Chinese
    assert second.startswith(label)
    assert shown not in second  # kept as it was


def test_the_money_tells_reserved(cast, lived):
    money = [entry for entry in history.entries(lived, cast.clerk) if entry.group == "money"]
    granted = yuan(lived.determinations.get().granted)
    assert [granted in entry.says for entry in money].count(True) == 1


def test_the_page_opens_filters_and_is_written_down(cast, lived, desk):
    reader = cast.of("sti", Role.PREPARER)
    client = desk(reader)
    assert client.get(url(lived)).status_code == 200
    assert lived.readings.filter(user=reader, door="history").count() == 1
    answer = client.get(f"{url(lived)}?show=notes&show=nonsense")
    assert [entry.group for entry in answer.context["entries"]] == ["notes"]


def test_auditors_read_it_and_strangers_do_not(cast, lived, desk):
    assert desk(make_staff(Role.AUDITOR)).get(url(lived)).status_code == 200
    undeclared = desk(make_staff(Role.PREPARER, "sti")).get(url(lived))
    assert (undeclared.status_code, undeclared.url) == (
        302,
        url(lived).replace("history/", "change/"),
    )
    assert desk(make_staff(Role.PREPARER, "drc")).get(url(lived)).status_code == 404


def test_an_address_that_is_no_case(cast, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    for path in ("history", "change"):
        assert client.get(f"/admin/reviews/application/nothing/{path}/").status_code == 404


def test_drafts_of_other_bureaus_stay_out(cast):
    case = factories.accepted(cast)
    author = cast.of("miit", Role.PREPARER)
    opinions.prepare_opinion(
        case_id=case.pk, bureau=bureau("miit"), position=Position.ASK, text="草稿", user=author
    )
    of = {code: groups(case, cast.of(code, Role.PREPARER)) for code in ("miit", "sti")}
    assert [found.count("opinions") for found in of.values()] == [1, 0]


def test_as_many_queries_for_a_long_history(cast, lived, desk):
    client = desk(cast.of("sti", Role.PREPARER))

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url(lived)).status_code == 200
        return len(seen)

    cost()
    few = cost()
    author = cast.of("sti", Role.PREPARER)
    for serial in range(15):
        person = make_staff(Role.PREPARER, "miit")
        interests.declare(case_id=lived.pk, user=person, conflict=False)
        interests.log_reading(lived, person, "desk")
        notes.write_note(case_id=lived.pk, text=f"第{serial}条", user=author, mentions=[person])
    assert cost() == few


def test_objections_are_told_to_those_who_answer_them(cast, lived):
    with time_machine.travel(factories.publicity_end(lived) - timedelta(hours=12)):
        objections.file_objection(
            item_id=lived.publicityitem_set.get().pk,
            name="某单位",
            contact="0532-0000",
            text="名单有误",
        )
    for role, told in ((Role.LEADER, True), (Role.PREPARER, False)):
        lines = [line for e in history.entries(lived, cast.of("sti", role)) for line in e.lines]
        assert ("名单有误" in lines) is told


def test_the_applicants_own_stays_short(cast, lived):
    assert len(timeline(lived)) < len(history.entries(lived, cast.of("sti", Role.LEADER)))


def test_both_languages(cast, lived, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    pages = {
        language: client.get(url(lived), headers={"Accept-Language": language}).content.decode()
        for language in ("zh-hans", "en")
    }
    assert "submitted" in pages["en"]
    assert "submitted" not in pages["zh-hans"].split("history--full")[1]


def test_a_cast_of_another_programme(db):
    case = factories.submitted(Cast("settling-in-allowance", kind="person"))
    assert history.counts(history.entries(case, make_staff(Role.AUDITOR)))[0]["key"] == "filing"
