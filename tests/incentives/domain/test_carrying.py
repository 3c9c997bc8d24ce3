"""What a party used of its caps passes to its successor, and the limit stays what it is."""

from decimal import Decimal
from functools import partial
from threading import Event

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from applicants.models import Party, PartyChange
from incentives.domain import carrying, money
from incentives.domain.carrying import is_yearly, renamed
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, CounterEntry
from tests.incentives.domain.test_recoveries import back, demanded, paid_award
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import cap, in_instalments, make_party, make_user, qingdao, reserve

LISTING = "event:listing:{}"  # as ne-listing-subsidy.yaml lays it out: [applicant]
PLACES = {("event", "listing"): {0}, ("tally", "grants"): {0}}


def yearly(party: Party) -> str:
    return f"cap:some-programme:unit:applicant={party.pk}:2026"


def life(party: Party) -> str:
    return f"cap:some-programme:ever:applicant={party.pk}"


def change_of(kind: str, party: Party, successor: Party) -> PartyChange:
    change = PartyChange.objects.create(
        city=qingdao(), kind=kind, party=party, successor=successor, name_before=party.name,
        effective_on=timezone.localdate(), basis="准予合并登记通知书", prepared_by=make_user(),
    )  # fmt: skip
    change.state, change.made_by, change.made_at = "made", make_user(), timezone.now()
    change.save()
    return change


def carried(kind: str, party: Party, successor: Party, share: str = "100") -> int:
    change = change_of(kind, party, successor)
    with transaction.atomic():
        return carrying.carry(change=change, city_code="qingdao", share=Decimal(share))


def used(key: str) -> Decimal:
    return Counter.objects.get(key=key).used


def sound() -> bool:
    return differences(city_code="qingdao") == []


@pytest.fixture
def pair(db: None) -> tuple[Party, Party]:
    return make_party(), make_party()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("cap:p:unit:applicant=17:2026", "cap:p:unit:applicant=88:2026"),
        ("cap:p:unit:applicant=17:payee=17", "cap:p:unit:applicant=88:payee=88"),
        ("cap:p:unit:certificate=17:2026", "cap:p:unit:certificate=17:2026"),
        ("cap:p:unit:applicant=170:2026", "cap:p:unit:applicant=170:2026"),
        ("event:listing:17", "event:listing:88"),
        ("event:listing:17|17", "event:listing:88|17"),
        ("event:other:17", "event:other:17"),
        ("tally:grants:17|5%:2026", "tally:grants:88|5%:2026"),
    ],
)
def test_a_key_names_the_successor_where_the_party_stood(key: str, expected: str) -> None:
    assert renamed(key, "17", "88", PLACES) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("cap:p:unit:applicant=17:2026", True),
        ("cap:p:unit:2026", True),
        ("cap:p:2026", False),
        ("cap:p:unit:list_year=2020", False),
        ("tally:grants:17:2026", True),
        ("tally:grants:2026", False),
        ("event:listing:17", False),
    ],
)
def test_which_keys_count_one_year(key: str, expected: bool) -> None:
    assert is_yearly(key) is expected


def test_a_merger_leaves_the_successor_what_is_left_of_the_limit(pair: tuple[Party, Party]) -> None:
    ended, successor = pair
    reserve("60", caps=[cap(yearly(ended), "100")], applicant=ended)
    reserve("30", caps=[cap(yearly(successor), "100")], applicant=successor)
    assert carried("merger", ended, successor) == 2
    assert (used(yearly(ended)), used(yearly(successor))) == (0, 90)
    assert reserve("50", caps=[cap(yearly(successor), "100")], applicant=successor).amount == 10
    assert sound()


def test_above_the_limit_the_sum_stands_and_leaves_no_room(pair: tuple[Party, Party]) -> None:
    ended, successor = pair
    for party in pair:
        reserve("80", caps=[cap(yearly(party), "100")], applicant=party)
    carried("merger", ended, successor)
    counter = Counter.objects.get(key=yearly(successor))
    assert (counter.used, counter.limit, counter.carried) == (160, 100, 60)
    assert reserve("1", caps=[cap(yearly(successor), "100")], applicant=successor).award is None
    assert sound()


def test_what_was_carried_is_no_room_even_for_the_owner(committed_db: None, owner_url: str) -> None:
    pair = make_party(), make_party()
    for party in pair:
        reserve("80", caps=[cap(yearly(party), "100")], applicant=party)
    carried("merger", *pair)
    key = yearly(pair[1])
    with psycopg.connect(owner_url, autocommit=True) as owner:
        set_used = "UPDATE incentives_counter SET used = %s WHERE key = %s"
        with pytest.raises(psycopg.errors.CheckViolation, match="counter_within_limit"):
            owner.execute(set_used, [Decimal("160.01"), key])
        owner.execute(set_used, [Decimal("130"), key])  # given back: what is carried shrinks too
        with pytest.raises(psycopg.errors.CheckViolation, match="counter_within_limit"):
            owner.execute(set_used, [Decimal("130.01"), key])
        owner.execute(set_used, [Decimal("90"), key])
        with pytest.raises(psycopg.errors.CheckViolation, match="counter_within_limit"):
            owner.execute(set_used, [Decimal("100.01"), key])


def test_money_released_after_a_merger_comes_back_where_it_went(pair: tuple[Party, Party]) -> None:
    ended, successor = pair
    grant = reserve("60", caps=[cap(yearly(ended), "100")], applicant=ended)
    reserve("30", caps=[cap(yearly(successor), "100")], applicant=successor)
    carried("merger", ended, successor)
    release(grant)
    assert (used(yearly(ended)), used(yearly(successor))) == (0, 30)
    assert sound()


def test_what_comes_back_in_parts_around_a_merger_leaves_nothing_behind(
    pair: tuple[Party, Party],
) -> None:
    ended, successor = pair
    award = paid_award("100.00", caps=[cap(yearly(ended), "100")], applicant=ended)
    back(demanded(award, "40.00"), "40.00")
    carried("merger", ended, successor)
    assert (used(yearly(ended)), used(yearly(successor))) == (0, 60)
    back(demanded(award, "60.00"), "60.00")
    assert (used(yearly(ended)), used(yearly(successor))) == (0, 0)
    assert sound()


def release(grant: money.Grant) -> None:
    with transaction.atomic():
        award = Award.objects.get(pk=grant.award)
        money.release(award=award, at=timezone.now(), actor=make_user(), reason="撤回")


def test_what_was_entitled_for_one_event_stays_the_highest(pair: tuple[Party, Party]) -> None:
    ended, successor = pair
    group = [cap(LISTING.format(ended.pk), "500", kind="event", heat=2)]
    reserve("500", caps=group, applicant=ended)
    with_places("merger", ended, successor)
    later = [cap(LISTING.format(successor.pk), "700", kind="event", heat=2)]
    assert reserve("700", caps=later, applicant=successor).amount == 200
    assert sound()


def with_places(kind: str, party: Party, successor: Party, share: str = "100") -> None:
    """The listing group stands in the catalogue, so its layout is read from there."""
    assert carried(kind, party, successor, share) > 0


def test_a_split_buys_no_second_first_time(pair: tuple[Party, Party]) -> None:
    party, successor = pair
    reserve(
        "100",
        applicant=party,
        caps=[
            cap(yearly(party), "200"),
            cap(life(party), "200"),
            cap(LISTING.format(party.pk), "1", kind="event", unit="awards", heat=2),
        ],
    )
    with_places("split", party, successor, "33.33")
    assert (used(yearly(party)), used(yearly(successor))) == (Decimal("66.67"), Decimal("33.33"))
    assert (used(life(party)), used(life(successor))) == (100, 100)
    once = [cap(LISTING.format(successor.pk), "1", kind="event", unit="awards", heat=2)]
    assert reserve("100", caps=once, applicant=successor).award is None
    assert sound()


def test_the_shares_of_many_awards_add_up_to_the_fen(pair: tuple[Party, Party]) -> None:
    party, successor = pair
    for _time in range(7):
        reserve("0.07", caps=[cap(yearly(party), "200")], applicant=party)
    carried("split", party, successor, "50")
    assert (used(yearly(party)), used(yearly(successor))) == (Decimal("0.24"), Decimal("0.25"))
    parts = CounterEntry.objects.filter(counter__key=yearly(successor))
    assert all(Decimal(0) < part.amount <= Decimal("0.07") for part in parts)
    assert sound()


def test_an_award_shared_by_a_split_is_released_from_both(pair: tuple[Party, Party]) -> None:
    party, successor = pair
    grant = reserve("100", caps=[cap(yearly(party), "200"), cap(life(party), "200")],
                    applicant=party)  # fmt: skip
    carried("split", party, successor, "40")
    release(grant)
    counters = Counter.objects.filter(key__in=[k(p) for k in (yearly, life) for p in pair])
    assert {counter.used for counter in counters} == {0}
    assert sound()


def test_a_voucher_gives_the_rest_back_to_both(pair: tuple[Party, Party]) -> None:
    party, successor = pair
    grant = reserve("100", caps=[cap(yearly(party), "200")], applicant=party)
    carried("split", party, successor, "40")
    with transaction.atomic():
        award = Award.objects.get(pk=grant.award)
        money.redeem(award=award, amount=Decimal("75"), at=timezone.now(), actor=make_user(),
                     reason="凭票兑付")  # fmt: skip
        in_instalments(award)
    assert (used(yearly(party)), used(yearly(successor))) == (45, 30)
    assert sound()


def test_what_passed_twice_passes_on_to_the_last(pair: tuple[Party, Party]) -> None:
    first, second = pair
    third = make_party()
    reserve("60", caps=[cap(yearly(first), "100")], applicant=first)
    carried("merger", first, second)
    carried("merger", second, third)
    assert (used(yearly(second)), used(yearly(third))) == (0, 60)
    assert sound()


def test_a_change_is_carried_once(pair: tuple[Party, Party]) -> None:
    reserve("60", caps=[cap(life(pair[0]), "100")], applicant=pair[0])
    change = change_of("split", *pair)
    for_city = partial(carrying.carry, change=change, city_code="qingdao", share=Decimal(50))
    with transaction.atomic():
        for_city()
    with pytest.raises(Conflict, match="已经执行"), transaction.atomic():
        for_city()


@pytest.mark.parametrize(
    ("keys", "others", "share", "keep"),
    [
        ("cap:p:unit:applicant={a}", "cap:p:unit:applicant={c}", 100, False),
        ("cap:p:unit:applicant={a}", "cap:p:unit:applicant={a}", 100, False),
        ("cap:p:unit:applicant={a}", "cap:q:unit:applicant={b}", 100, False),
        ("cap:p:unit:applicant={a}", "cap:p:unit:applicant={b}:2026", 100, False),
        ("cap:p:unit:applicant={a}", "cap:p:unit:applicant={b}", 101, False),
        ("cap:p:unit:applicant={a}", "cap:p:unit:applicant={b}", 100, True),
    ],
    ids=["of another", "to itself", "another cap", "another year", "more than all", "doubled"],
)
def test_the_function_moves_nothing_but_the_partys_own(
    pair: tuple[Party, Party], keys: str, others: str, share: int, keep: bool
) -> None:
    names = {"a": pair[0].pk, "b": pair[1].pk, "c": make_party().pk}
    with pytest.raises(Conflict), transaction.atomic():
        money.carry(
            change=change_of("merger", *pair), city_code="qingdao", keys=[keys.format(**names)],
            successor_keys=[others.format(**names)], shares=[Decimal(share)], keeps=[keep],
        )  # fmt: skip


def test_a_change_that_is_only_prepared_moves_nothing(pair: tuple[Party, Party]) -> None:
    reserve("60", caps=[cap(life(pair[0]), "100")], applicant=pair[0])
    change = change_of("merger", *pair)
    prepared = PartyChange.objects.create(
        city=qingdao(), kind="merger", party=pair[0], successor=pair[1], name_before="",
        effective_on=change.effective_on, basis="通知书", prepared_by=make_user(),
    )  # fmt: skip
    with pytest.raises(Conflict), transaction.atomic():
        carrying.carry(change=prepared, city_code="qingdao")


def test_awards_made_while_a_merger_is_carried_are_all_under_the_successor(
    committed_db: None,
) -> None:
    """The merger waits for the award that is being made, and moves it too."""
    ended, successor = make_party(), make_party()
    reserving, merging = Event(), Event()

    def reserve_slowly() -> None:
        with transaction.atomic():
            reserve("60", caps=[cap(yearly(ended), "100")], applicant=ended)
            reserving.set()
            merging.wait(1)

    def merge() -> None:
        reserving.wait(30)
        carried("merger", ended, successor)
        merging.set()

    assert at_once([reserve_slowly, merge]) == [None, None]
    assert used(yearly(successor)) == 60
    assert sound()


def test_control_without_the_citys_lock_an_award_stays_behind(
    committed_db: None, monkeypatch: pytest.MonkeyPatch, owner_url: str
) -> None:
    unlock(owner_url)
    ended, successor = make_party(), make_party()
    reserving, merging = Event(), Event()
    reserve("1", caps=[cap(yearly(ended), "100")], applicant=ended)

    def reserve_slowly() -> None:
        with transaction.atomic():
            reserving.set()
            merging.wait(5)
            reserve("60", caps=[cap(yearly(ended), "100")], applicant=ended)

    def merge() -> None:
        reserving.wait(30)
        carried("merger", ended, successor)
        merging.set()

    assert at_once([reserve_slowly, merge]) == [None, None]
    assert (used(yearly(ended)), used(yearly(successor))) == (60, 1)


def unlock(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION huiqi_lock_pools(p_city text) RETURNS void"
            " LANGUAGE sql SECURITY DEFINER AS $$ SELECT NULL::void $$"
        )


def test_the_application_itself_may_not_move_a_counter(pair: tuple[Party, Party]) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(
            "SELECT huiqi_add_opening('qingdao', 'k', 'cap', 'yuan', 1, 1, 1)"
        )
