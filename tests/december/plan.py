"""Who asks for what in December: drawn once, so that budgets can be set up to fit or to run out."""

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

from applicants.models import Party
from incentives.domain.counters import CounterRequest
from incentives.domain.money import Asked
from incentives.domain.programmes import rules_of
from incentives.models import ProgrammeVersion
from tests.december.books import as_yuan
from tests.december.city import City

SMALLEST, LARGEST = 5_000_00, 300_000_00  # fen
A_PARTY_A_YEAR = Decimal("600000.00")
ROUNDS = 12
ONE_EVENT_IN = 40  # is asked for twice, under two numbers


@dataclass(frozen=True, slots=True)
class Ask:
    """A determination to be approved: `fen` for a case, of which one living award may stand."""

    case_number: str
    version: ProgrammeVersion
    party: Party
    fen: int
    event: str = ""
    reason: str = ""

    @property
    def code(self) -> str:
        return self.version.programme.code

    def again(self) -> "Ask":
        """After an objection, on what was left of its figures."""
        return replace(self, fen=self.fen * 4 // 5, reason="异议成立，重新审定")


@dataclass
class Plan:
    """First come in their order; then the rounds, each of one programme, that are shared out."""

    asks: list[Ask]
    rounds: list[list[Ask]]

    def __post_init__(self) -> None:
        self.by_programme: Counter[str] = Counter()
        for ask in self.asks:
            self.by_programme[ask.code] += ask.fen


def drawn(city: City, size: int) -> Plan:
    """`size` determinations in all."""
    a_round = max(size // 100, 8)
    rounds = [_round(city, number, a_round) for number in range(ROUNDS)]
    return Plan(_first_come(city, size - ROUNDS * a_round), rounds)


def _round(city: City, number: int, size: int) -> list[Ask]:
    version = city.sharing[number % len(city.sharing)]
    numbers = [f"QD-{city.year}-P{number + 1:02d}-{n:05d}" for n in range(1, size + 1)]
    return [
        Ask(one, version, city.rng.choice(city.parties), _amount(city), event=one)
        for one in numbers
    ]


def _amount(city: City) -> int:
    return city.rng.randint(SMALLEST, LARGEST)


def _first_come(city: City, size: int) -> list[Ask]:
    asks: list[Ask] = []
    for n in range(1, size + 1):
        twin = asks[-1] if n % ONE_EVENT_IN == 0 else None
        version = twin.version if twin else city.rng.choice(city.versions)
        party = twin.party if twin else city.rng.choice(city.parties)
        number = f"QD-{city.year}-{n:06d}"
        event = f"{n if n % ONE_EVENT_IN else n - 1}"
        asks.append(Ask(number, version, party, _amount(city), event))
    return asks


def asked(city: City, ask: Ask) -> Asked:
    """As a determination asks: a cap of the applicant's year, and its event once."""
    a_year = f"cap:december:applicant={ask.party.pk}:{city.year}"
    event = f"event:december:{ask.event}"
    return Asked(
        case_number=ask.case_number,
        version=ask.version,
        applicant=ask.party,
        bureau=ask.version.programme.handling_bureau,
        district=ask.party.district,
        verb=rules_of(ask.version).verb,
        payer="city",
        assessed=as_yuan(ask.fen),
        reason=ask.reason,
        counters=[
            CounterRequest(
                key=a_year, kind="cap", unit="yuan", heat=1, limit=A_PARTY_A_YEAR, id="december"
            ),
            CounterRequest(
                key=event, kind="event", unit="awards", heat=2, limit=Decimal(1), id="december"
            ),
        ],
    )
