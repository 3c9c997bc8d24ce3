"""What an award is entitled to after its settlement, while another of the event comes in."""

import pytest

from incentives.domain import settlements
from incentives.models import Settlement
from tests.incentives.domain.test_findings import staged
from tests.incentives.domain.test_recoveries import paid
from tests.incentives.domain.test_same_events import NARROW, event, stands
from tests.incentives.domain.test_settlements import prepared
from tests.incentives.domain.threads import at_once_behind, change
from tests.incentives.factories import cap, make_user, reserve


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_what_others_are_entitled_to_meanwhile_counts(
    committed_db: None, owner_url: str, guarded: bool
) -> None:
    """Settled on 150.00 while another of 200.00, cut to 10.00, comes into the event."""
    if not guarded:
        change(owner_url, "huiqi_entitle", ("FOR NO KEY UPDATE OF c", ""))
    award = paid(staged("100.00", "50.00", assessed="250.00", more=[NARROW, *event("250.00")]))
    made, user = prepared(award, "150.00"), make_user()
    [settled] = at_once_behind(
        lambda: reserve("200.00", caps=[cap("other", "10.00"), *event("200.00")]),
        [lambda: settlements.approve(settlement_id=made.pk, counters=[], user=user)],
    )
    assert isinstance(settled, Settlement)
    assert stands() == (160, 200 if guarded else 160)
