"""The registry that sweeps read: one row for each organisation of a city, made of its sources.

Nothing keeps it up to date by the minute. A sweep refreshes each slice just before it reads it, an
import the parties it touched, and the nightly check the whole city.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.utils import timezone

from incentives.domain.reconcile import Difference

WANTED = """
SELECT p.id AS party_id, d.city_id, p.kind, p.district_id,
       coalesce(f.facts, '{}'::jsonb) AS facts, coalesce(r.entries, '[]'::jsonb) AS recognitions
  FROM applicants_party p JOIN applicants_district d ON d.id = p.district_id
  LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(n.key, n.value) AS facts
          FROM (SELECT DISTINCT ON (key) key, value FROM applicants_profilefact
                 WHERE party_id = p.id ORDER BY key, id DESC) n
         WHERE n.value NOT IN ('""'::jsonb, 'null'::jsonb, '[]'::jsonb)
       ) f ON true
  LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object(
                   'title', e.title, 'level', nullif(e.level, ''), 'from', e.starts_on,
                   'until', least(e.ends_on, (SELECT max(s."on") - 1 FROM incentives_registerstep s
                                               WHERE s.entry_id = e.id AND s.kind = 'end')))
                   ORDER BY e.id) AS entries
          FROM incentives_registerentry e
         WHERE e.party_id = p.id AND e.city_id = d.city_id
           AND e.kind IN ('title', 'listing', 'status') AND e.state <> 'declined'
       ) r ON true
 WHERE d.city_id = %(city)s AND p.kind <> 'person'
   AND (%(parties)s::bigint[] IS NULL OR p.id = ANY(%(parties)s::bigint[]))
   AND p.id > %(after)s AND (%(upto)s::bigint IS NULL OR p.id <= %(upto)s::bigint)
"""

REFRESH = f"""
WITH wanted AS MATERIALIZED ({WANTED}), gone AS (
    DELETE FROM incentives_registryrecord o
     WHERE o.city_id = %(city)s
       AND (%(parties)s::bigint[] IS NULL OR o.party_id = ANY(%(parties)s::bigint[]))
       AND o.party_id > %(after)s AND (%(upto)s::bigint IS NULL OR o.party_id <= %(upto)s::bigint)
       AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.party_id = o.party_id)
    RETURNING 1
), written AS (
    INSERT INTO incentives_registryrecord AS o
           (party_id, city_id, kind, district_id, facts, recognitions, refreshed_at)
    SELECT w.*, %(now)s FROM wanted w ORDER BY w.party_id
    ON CONFLICT (city_id, party_id) DO UPDATE
       SET kind = excluded.kind, district_id = excluded.district_id, facts = excluded.facts,
           recognitions = excluded.recognitions, refreshed_at = excluded.refreshed_at
     WHERE (o.kind, o.district_id, o.facts, o.recognitions)
           IS DISTINCT FROM
           (excluded.kind, excluded.district_id, excluded.facts, excluded.recognitions)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""  # noqa: S608  # two texts of this file

# A source that was being written while a record was refreshed is no fault of the record.
TAMPERED = f"""
SELECT coalesce(p.uscc, p.id::text),
       (SELECT count(*) FROM jsonb_each(o.facts)) + jsonb_array_length(o.recognitions),
       (SELECT count(*) FROM jsonb_each(o.facts) k WHERE w.facts -> k.key = k.value)
     + (SELECT count(*) FROM jsonb_array_elements(o.recognitions) k
         WHERE w.recognitions @> jsonb_build_array(k.value))
  FROM incentives_registryrecord o JOIN applicants_party p ON p.id = o.party_id
  LEFT JOIN ({WANTED}) w ON w.party_id = o.party_id
 WHERE o.city_id = %(city)s AND (o.facts, o.recognitions) IS DISTINCT FROM (w.facts, w.recognitions)
   AND NOT EXISTS (SELECT 1 FROM applicants_profilefact f WHERE f.party_id = o.party_id
                      AND f.recorded_at > o.refreshed_at - interval '1 hour')
   AND NOT EXISTS (SELECT 1 FROM incentives_registerentry e WHERE e.party_id = o.party_id
                      AND e.entered_at > o.refreshed_at - interval '1 hour')
   AND NOT EXISTS (SELECT 1 FROM incentives_registerstep s
                     JOIN incentives_registerentry e ON e.id = s.entry_id
                    WHERE e.party_id = o.party_id
                      AND s.at > o.refreshed_at - interval '1 hour')
   AND w.party_id IS NOT NULL
 ORDER BY 1
"""  # noqa: S608


def refresh(
    *,
    city: str,
    parties: Collection[int] | None = None,
    after: int = 0,
    upto: int | None = None,
) -> int:
    """Make the records of a city what its facts and registers say; how many changed.

    Of some parties, or of those with an id above `after` up to `upto`. An organisation belongs to
    the city of its district; one that has left has no record any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, _among(city, parties, after, upto) | {"now": timezone.now()})
        return int(cursor.fetchone()[0])


def tampered(*, city: str) -> list[Difference]:
    """Records that differ from their sources although no source is newer than they are.

    `recorded` is how many values such a record holds, `added_up` how many its sources bear out.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAMPERED, _among(city, None, 0, None))
        return [Difference("registry", *row) for row in cursor]


def _among(
    city: str, parties: Collection[int] | None, after: int, upto: int | None
) -> dict[str, Any]:
    named = None if parties is None else list(parties)
    return {"city": city, "parties": named, "after": after, "upto": upto}
