"""What the verbs write into inboxes can be read: each kind has its words and all they need."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applicants.domain.notice_words import WORDS
from applicants.domain.wording import render
from applicants.models import Notice
from reviews.demo import walk
from reviews.domain import acceptance
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db


def all_told() -> list[str]:
    """The kinds written, each rendered without a gap."""
    for notice in Notice.objects.all():
        assert "—" not in "".join(render(notice, "en"))
        assert notice.kind in WORDS
    return list(Notice.objects.order_by("id").values_list("kind", flat=True))


def test_the_way_to_an_award() -> None:
    cast = Cast("enterprise-tech-centre-award")
    case = factories.published(cast)
    days = (factories.publicity_end(case) - timezone.now().date()).days + 2
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=True):
        factories.decide_award(cast, case)
    assert all_told() == ["case.accepted", "case.published", "case.awarded"]


def test_a_supplement_and_a_refusal_to_accept() -> None:
    cast = Cast("enterprise-tech-centre-award")
    case = factories.submitted(cast)
    preparer = cast.of(cast.handling, Role.PREPARER)
    acceptance.return_case(case_id=case.pk, user=preparer, reason="The seal is missing.")
    walk.submit(case, cast.clerk)
    acceptance.decline(case_id=case.pk, user=preparer, reason="Filed under another programme.")
    assert all_told() == ["case.returned", "case.not_accepted"]


def test_a_case_that_the_limits_leave_nothing_says_which() -> None:
    first = Cast("enterprise-tech-centre-award")
    factories.determined(first)
    facts, choices = walk.example_facts(first.programme)
    again = factories.submitted(first, facts)
    walk.accept(again, first.of)
    walk.give_opinions(again, first.of)
    walk.confirm_facts(again, first.of)
    walk.propose(again, first.of, choices)
    walk.approve(again, first.of)
    notice = Notice.objects.get(kind="case.refused")
    _title, text = render(notice, "en")
    cut = notice.data["cuts"][0]["label"]["en"]
    assert [line.split(":")[0] for line in text.splitlines()[1:]][:1] == [cut]
    assert all_told()[-1] == "case.refused"
