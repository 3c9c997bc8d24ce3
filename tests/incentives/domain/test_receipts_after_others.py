"""A receipt reversed after other things have happened to its award."""

from django.utils import timezone

from applicants.models import Party
from incentives.domain import payouts
from incentives.domain.budget_execution import execution
from incentives.models import Award, Budget, Counter, PayoutLine
from tests.incentives.domain.test_carrying import carried
from tests.incentives.domain.test_findings import confirm, find, staged
from tests.incentives.domain.test_receipts import reverse, sound
from tests.incentives.domain.test_recoveries import back, demanded, paid, paid_award, used
from tests.incentives.domain.test_same_events import granted, settled_within_a_cap, stands
from tests.incentives.domain.test_withdrawn import withdraw
from tests.incentives.factories import cap, make_budget, make_party, make_user

YEAR = timezone.localdate().year


def test_an_event_stays_at_what_a_settlement_says(db: None) -> None:
    award = settled_within_a_cap("150.00")
    before = stands()
    recovery = demanded(award, "50.00")
    back(recovery, "10.00")
    reverse(recovery)
    assert stands() == before
    assert granted("150.00") == [0]


def given_up(award: Award) -> None:
    """The bank returns its first payment, and it is withdrawn."""
    line = PayoutLine.objects.get(instalment__award=award, instalment__number=1)
    results = {line.pk: ("returned", "账户已销户")}
    payouts.settle(batch_id=line.batch_id, results=results, user=make_user())
    confirm(withdraw(award, 1))


def figures(budget: Budget) -> tuple[int, int]:
    found = execution([budget.pk])[budget.pk]
    return int(found.committed), int(found.paid)


def test_what_was_withdrawn_meanwhile_is_not_held_again(db: None) -> None:
    budget = make_budget("1000.00", year=YEAR)
    award = paid(staged("100.00"))
    recovery = demanded(award, "100.00")
    back(recovery, "100.00")
    given_up(award)
    reverse(recovery)
    assert (used("own"), used(budget.key), figures(budget)) == (0, 0, (0, 0))
    assert sound()


def test_two_of_what_was_withdrawn_hold_nothing_after_each(db: None) -> None:
    budget = make_budget("1000.00", year=YEAR)
    award = paid(staged("100.00"))
    recovery = demanded(award, "100.00")
    back(recovery, "60.00")
    back(recovery, "40.00")
    given_up(award)
    for which in (0, -1):
        reverse(recovery, which)
        assert (used("own"), used(budget.key)) == (0, 0)
        assert sound()
    assert figures(budget) == (0, 0)


def test_what_was_withdrawn_of_it_is_not_held_again(db: None) -> None:
    budget = make_budget("1000.00", year=YEAR)
    award = staged("100.00", "60.00")
    confirm(find(award, 2, "met"))
    recovery = demanded(paid(award), "160.00")
    back(recovery, "160.00")
    given_up(award)
    reverse(recovery)
    assert (used("own"), used(budget.key), figures(budget)) == (60, 60, (0, 60))
    assert sound()


def test_a_year_in_a_key_is_no_organisation(db: None) -> None:
    ended = Party.objects.create(
        pk=YEAR, kind="enterprise", name="并入企业", uscc="91370000000000XX99"
    )
    key = f"cap:some-programme:unit:applicant=7:{YEAR}"
    recovery = demanded(paid_award("500.00", caps=[cap(key, "900")]), "100.00")
    back(recovery, "100.00")
    carried("merger", ended, make_party())
    reverse(recovery)
    assert Counter.objects.get(key=key).used == 500
