"""After publicity: reservations become commitments, with one instalment or two."""

from datetime import date
from time import perf_counter

from django.db import transaction
from django.utils import timezone

from incentives.domain import money
from incentives.models import Award, Instalment
from tests.december.books import as_yuan
from tests.december.city import City
from tests.december.deciding import Given

AT_ONCE = 500
STILL_PUBLIC_IN = 80  # one of so many is in publicity when the year ends
TWO_PARTS_IN = 10


def commit(city: City, given: list[Given]) -> tuple[list[Given], list[Given]]:
    """The awards committed, and those that are still in publicity."""
    over = [one for n, one in enumerate(given, start=1) if n % STILL_PUBLIC_IN]
    public = given[STILL_PUBLIC_IN - 1 :: STILL_PUBLIC_IN]
    begun = perf_counter()
    for first in range(0, len(over), AT_ONCE):
        commit_some(city, over[first : first + AT_ONCE])
    city.say(f"  {len(over)} commitments, {len(over) / (perf_counter() - begun):.0f} a second")
    return over, public


@transaction.atomic
def commit_some(city: City, given: list[Given]) -> None:
    now, today = timezone.now(), timezone.localdate()
    awards = Award.objects.in_bulk([one.award for one in given])
    for one in given:
        award = awards[one.award]
        money.commit(award=award, at=now, actor=city.director, reason="公示无异议")
        city.books.add(one.ask.code, "committed", one.fen)
    later = date(city.year + 1, 6, 30)
    Instalment.objects.bulk_create(
        Instalment(
            award=awards[one.award], number=number, payee_id=one.ask.party.pk,
            amount=as_yuan(part), due_on=day,
        )
        for one in given
        for number, (part, day) in enumerate(_parts(one, today, later), start=1)
    )  # fmt: skip


def _parts(one: Given, today: date, later: date) -> list[tuple[int, date]]:
    if one.award % TWO_PARTS_IN or one.fen < 2:
        return [(one.fen, today)]
    second = one.fen // 2
    return [(one.fen - second, today), (second, later)]
