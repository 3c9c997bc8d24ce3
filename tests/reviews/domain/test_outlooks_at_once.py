"""An outlook is of one moment, though it is read on one connection and written on another."""

import random
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from reviews.domain import outlook_asks, outlook_deciding
from reviews.domain.outlook_deciding import decide
from reviews.models import Outlook, OutlookAsk, OutlookDecision
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import qingdao
from tests.reviews.domain.test_outlooks import YEAR, World, outlook, undone


@pytest.mark.parametrize("apart", [True, False], ids=["one moment", "control"])
def test_what_is_withdrawn_meanwhile_is_decided_as_of_the_beginning(
    committed_db: None, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    """The next block is read on another connection while one is written: in the same snapshot."""
    world = World(random.Random(3), monkeypatch)
    pending = world.cases
    outlook_asks.write(pending, {one.version_id: "test" for one, *_m in pending}, timezone.now())
    monkeypatch.setattr(outlook_deciding, "BLOCK", 7)
    really = outlook_deciding._write

    def withdrawn_meanwhile(content: bytes) -> None:
        at_once([lambda: OutlookAsk.objects.filter(application=pending[-1][0]).delete()])
        really(content)

    monkeypatch.setattr(outlook_deciding, "_write", withdrawn_meanwhile)
    if apart:
        run = outlook()
    else:
        run = Outlook.objects.create(city=qingdao(), year=YEAR)
        decide(run, None)
    assert run.cases == len(pending) - (not apart)
    with transaction.atomic(), undone():
        expected = [world.reserve(*one) for one in pending]
    granted = OutlookDecision.objects.filter(outlook=run).order_by("place")
    assert [Decimal(one.granted) / 100 for one in granted] == expected[: run.cases]
