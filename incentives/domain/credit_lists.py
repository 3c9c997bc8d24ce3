"""Official lists of bad credit: how one becomes listings, and whether there is one new enough.

A listing stands until a list says when it ended: a list that no longer names somebody may be an
extract, and ends nothing.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from applicants.models import City
from incentives.domain.settings import setting
from incentives.models.registry import ImportKind, ImportState, RegistryImport

MOST_DAYS = "credit_list_days"

LISTINGS = """
INSERT INTO incentives_creditlisting (of_id, city_id, whose, name, list_name, starts_on, ends_on,
                                      document, as_of)
SELECT %(import)s, %(city)s, r.whose, r.name, r.list_name, r.starts_on, r.ends_on,
       coalesce(nullif(r.document, ''), %(source)s), %(as_of)s
  FROM (SELECT number,
               coalesce(nullif("values" ->> 'uscc', ''), "values" ->> 'identity_hmac') AS whose,
               "values" ->> 'name' AS name,
               "values" ->> 'list' AS list_name,
               ("values" ->> 'from')::date AS starts_on,
               nullif("values" ->> 'until', '')::date AS ends_on,
               "values" ->> 'document' AS document
          FROM incentives_importrow WHERE of_id = %(import)s) r
  LEFT JOIN LATERAL (SELECT c.id, c.ends_on FROM incentives_creditlisting c
                      WHERE c.city_id = %(city)s AND c.whose = r.whose
                        AND c.list_name = r.list_name AND c.starts_on = r.starts_on
                      ORDER BY c.as_of DESC, c.id DESC LIMIT 1) newest ON true
 WHERE newest.id IS NULL OR newest.ends_on IS DISTINCT FROM r.ends_on
 ORDER BY r.number
"""


def take_listings(found: RegistryImport) -> int:
    """Enter what the list says anew: new listings, and those whose last day it changes."""
    if found.kind != ImportKind.CREDIT:
        return 0
    told: dict[str, Any] = {
        "import": found.pk,
        "city": found.city_id,
        "source": found.source,
        "as_of": found.as_of,
    }
    with connection.cursor() as cursor:
        cursor.execute(LISTINGS, told)
        return int(cursor.rowcount)


class Lists(NamedTuple):
    """The day on which the newest list stood, if there is one, and how many days it may be old."""

    as_of: date | None
    most_days: int

    @property
    def too_old(self) -> bool:
        if self.as_of is None:
            return False
        return self.as_of < timezone.localdate() - timedelta(days=self.most_days)


def lists_of(city: City) -> Lists:
    taken = RegistryImport.objects.filter(
        city=city, kind=ImportKind.CREDIT, state=ImportState.APPLIED
    )
    return Lists(taken.aggregate(newest=Max("as_of"))["newest"], setting(city=city, key=MOST_DAYS))
