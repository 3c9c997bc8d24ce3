"""What is decided on an award after its applicant was merged counts for the successor."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from reviews.domain import reserving
from tests import factories
from tests.factories import Cast, make_organisation, make_user
from tests.reviews.domain.test_party_changes import TEAM, Registry, unit_year


@pytest.mark.django_db
def test_the_limits_asked_are_the_successors() -> None:
    cast, successor, registry = Cast(TEAM), make_organisation(make_user()), Registry()
    case = factories.published(cast)
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        factories.decide_award(cast, case)
        registry.merge(cast.party, successor)
        case.refresh_from_db()
        assert (case.state, case.applicant) == ("awarded", cast.party)
        asked = reserving.counters_of(case, case.determinations.get(), timezone.now())
    assert unit_year(successor) in {one.key for one in asked}
    assert not [one.key for one in asked if f"applicant={cast.party.pk}:" in one.key]
