"""`available` in single cases; against every verb, stage and person: tests/reviews/matrix."""

import pytest
from django.core.exceptions import PermissionDenied

from reviews.domain import acceptance, interests
from reviews.domain.actions import Action, available
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff

PROGRAMME = "hitech-first-recognition-award"


def named(actions: list[Action]) -> set[tuple[str, str | None]]:
    return {(action.name, action.bureau.code if action.bureau else None) for action in actions}


def test_what_a_preparer_of_the_handling_bureau_may_do_with_a_new_case(db):
    cast = Cast(PROGRAMME)
    case = factories.submitted(cast)
    assert [action.name for action in available(case, cast.of("sti", Role.PREPARER))] == [
        "accept",
        "return_case",
        "decline",
    ]


def test_before_the_declaration_nothing_else_is_offered(db):
    cast = Cast(PROGRAMME)
    case = factories.submitted(cast)
    preparer = make_staff(Role.PREPARER, "sti")
    assert named(available(case, preparer)) == {("declare", None)}
    with pytest.raises(PermissionDenied):
        acceptance.accept(case_id=case.pk, user=preparer)
    interests.declare(case_id=case.pk, user=preparer, conflict=False)
    assert ("accept", None) in named(available(case, preparer))


def test_a_conflict_closes_the_case_for_good(db):
    cast = Cast(PROGRAMME)
    case = factories.submitted(cast)
    preparer = make_staff(Role.PREPARER, "sti")
    interests.declare(case_id=case.pk, user=preparer, conflict=True, reason="亲属在该单位任职")
    assert available(case, preparer) == []
    for verb in (
        lambda: interests.declare(case_id=case.pk, user=preparer, conflict=False),
        lambda: acceptance.accept(case_id=case.pk, user=preparer),
    ):
        with pytest.raises(PermissionDenied):
            verb()
