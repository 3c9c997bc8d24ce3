"""What of the ledger is wanted, one rule for the desk, the API, the exports and the statement."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import ExtractQuarter
from django.utils.translation import gettext as _

from applicants.domain.succession import known_as
from incentives.domain.enterprise_size import with_size
from incentives.models import Award, LedgerEntry
from incentives.models.ledger import Stage

NONE = "none"  # chosen for entries that have no district, or whose size no list says
GIVEN_BEFORE = Q(stage__in=[Stage.OPENING, Stage.REVERSED])
# Of the day of posting; what was given before is of the day it was given.
QUARTER = Case(
    When(GIVEN_BEFORE, then=ExtractQuarter("award__approved_at")),
    default=ExtractQuarter("posted_at"),
)


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What of the ledger is wanted; None or empty wants all.

    `applicant` is part of a name, a former one too, or a whole credit code; `party`, `city`,
    `programme`, `document`, `bureau` and `district` are primary keys; `clause` is the section of a
    document; `quarter` is of the `year`; `size` is a key of SIZES. `district` and `size` may be
    NONE. What ends in `_code` is what the API names by codes, in whichever city.
    """

    city: str = ""
    year: int | None = None
    quarter: int | None = None
    approval_year: int | None = None
    programme: int | None = None
    document: int | None = None
    clause: str = ""
    bureau: int | None = None
    district: int | str | None = None
    size: str = ""
    stage: str = ""
    payer: str = ""
    applicant: str = ""
    party: int | None = None
    case_number: str = ""
    programme_code: str = ""
    document_code: str = ""
    bureau_code: str = ""
    district_code: str = ""

    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    def among(self, cities: Iterable[str]) -> list[str]:
        """Those of the cities that are wanted."""
        return sorted(city for city in cities if self.city in ("", city))


def require_year(given: Mapping[str, Any]) -> None:
    """Raises ValidationError on `quarter` where it is chosen without the year it is of."""
    if given.get("quarter") and not given.get("year"):
        told = ValidationError(_("Choose the year of posting too."), code="required")
        raise ValidationError({"quarter": told})


def narrowed(rows: QuerySet[LedgerEntry], wanted: LedgerFilter) -> QuerySet[LedgerEntry]:
    rows, found = with_size(rows) if wanted.size else rows, Q()
    for name, value in wanted.chosen().items():
        found &= CONDITIONS[name](value) if name in CONDITIONS else Q(**{name: value})
    return rows.filter(found)


def _in_quarter(quarter: int) -> Q:
    """The same as QUARTER, without looking up the award of each entry."""
    before = Award.objects.filter(opening__isnull=False, approved_at__quarter=quarter)
    posted = ~GIVEN_BEFORE & Q(posted_at__quarter=quarter)
    return posted | GIVEN_BEFORE & Q(award__in=before.values("pk"))


def _of_district(district: int | str) -> Q:
    return Q(district=None) if district == NONE else Q(district=district)


CONDITIONS: Mapping[str, Callable[[Any], Q]] = {
    "quarter": _in_quarter,
    "document": lambda pk: Q(programme__document=pk),
    "clause": lambda section: Q(programme__section=section),
    "district": _of_district,
    "size": lambda size: Q(size="" if size == NONE else size),
    "applicant": lambda words: known_as(words, "applicant"),
    "party": lambda pk: Q(applicant=pk),
    "programme_code": lambda code: Q(programme__code=code),
    "document_code": lambda code: Q(programme__document__code=code),
    "bureau_code": lambda code: Q(bureau__code=code),
    "district_code": lambda code: Q(district__code=code),
}
