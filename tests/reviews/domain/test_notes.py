"""Notes between reviewers: whom they mention, who is told, and that they stay inside."""

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError

from applicants.domain.errors import NotAllowed, Refused
from applicants.models import Notice
from reviews.domain.interests import declare
from reviews.domain.notes import staff_seeing, write_note
from reviews.domain.queries import cases_for_staff
from reviews.models import CaseNote
from reviews.models.staff import BUREAU_ROLES, Role
from reviews.presenters.timeline import timeline
from tests import factories
from tests.factories import Cast, make_staff
from tests.reviews.domain.test_delegations import PROGRAMME


@pytest.fixture
def cast(db):
    return Cast(PROGRAMME)


@pytest.fixture
def case(cast):
    return factories.accepted(cast)


def write(case, user, text="请看附件", **more):
    return write_note(case_id=case.pk, text=text, user=user, **more)


def test_whom_it_mentions_is_told_once(cast, case):
    author, other = cast.of("sti", Role.PREPARER), cast.of("miit", Role.PREPARER)
    note = write(case, author, f"@{other.name} 请核实", mentions=[other])
    assert list(note.mentions.all()) == [other]
    assert (note.bureau.code, note.author) == ("sti", author)
    assert Notice.objects.get(kind="note.mention").user == other


def test_a_name_is_a_whole_name(cast, case):
    author, other = cast.of("sti", Role.PREPARER), cast.of("miit", Role.PREPARER)
    assert list(write(case, author, f"@{other.name}x 请核实").mentions.all()) == []


def test_strangers_are_not_mentioned(cast, case):
    for person in (cast.clerk, make_staff(Role.PREPARER, "drc")):
        with pytest.raises(Refused) as refused:
            write(case, cast.of("sti", Role.PREPARER), mentions=[person])
        assert list(refused.value.message_dict) == ["mentions"]


def test_two_of_one_name_are_told_apart_by_choice(cast, case):
    author = cast.of("sti", Role.PREPARER)
    twins = [make_staff(Role.PREPARER, "miit") for _ in range(2)]
    for one in twins:
        one.name = "同名"
        one.save()
    with pytest.raises(Refused):
        write(case, author, "@同名 请看")
    assert list(write(case, author, "@同名 请看", mentions=[twins[1]]).mentions.all()) == [twins[1]]


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001, "a\0b"])
def test_an_empty_or_endless_note_is_refused(cast, case, text):
    with pytest.raises(Refused) as refused:
        write(case, cast.of("sti", Role.PREPARER), text)
    assert list(refused.value.message_dict) == ["text"]


def test_only_reviewers_to_whom_the_case_is_open(cast, case):
    undeclared, auditor = make_staff(Role.PREPARER, "sti"), make_staff(Role.AUDITOR)
    for person in (undeclared, auditor, cast.clerk, make_staff(Role.PREPARER, "drc")):
        with pytest.raises(NotAllowed):
            write(case, person)


def test_a_conflict_closes_them(cast, case):
    person = make_staff(Role.PREPARER, "sti")
    declare(case_id=case.pk, user=person, conflict=True, reason="亲属")
    with pytest.raises(NotAllowed):
        write(case, person)
    assert person not in staff_seeing(case)


def test_a_note_stays_as_it_was_written(cast, case):
    write(case, cast.of("sti", Role.PREPARER))
    for change in (lambda q: q.update(text="改"), lambda q: q.delete()):
        with pytest.raises((IntegrityError, InternalError, Exception)), transaction.atomic():
            change(CaseNote.objects.all())
    assert CaseNote.objects.get().text == "请看附件"


def test_the_applicant_reads_nothing_of_it(cast, case):
    before = timeline(case)
    write(case, cast.of("sti", Role.PREPARER), "内部讨论")
    assert timeline(case) == before


@pytest.mark.parametrize("stage", [factories.submitted, factories.accepted, factories.determined])
def test_staff_seeing_agrees_with_what_each_sees(cast, stage):
    case = stage(cast)
    people = [make_staff(role, "sti") for role in (Role.PREPARER, Role.LEADER)]
    people += [make_staff(Role.APPROVER, "miit"), make_staff(Role.PREPARER, "drc")]
    people += [make_staff(role, "finance") for role in BUREAU_ROLES]
    people += [make_staff(role) for role in (Role.AUDITOR, Role.POLICY_EDITOR)]
    cast.party.membership_set.create(user=people[0], role="clerk")
    expected = {person.pk for person in people if cases_for_staff(person).filter(pk=case.pk)}
    seeing = {person.pk for person in staff_seeing(case)}
    assert seeing & {person.pk for person in people} == expected
