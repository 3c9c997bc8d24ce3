"""The registry that sweeps read: one row for each organisation of a city, made of its sources.

Nothing keeps it up to date by the minute. A sweep refreshes each slice just before it reads it, an
import the parties it touched, and the nightly check the whole city.
"""

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from incentives.domain.joins import joined_at_once
from incentives.domain.reconcile import Difference

WANTED = """
WITH RECURSIVE chosen AS (
    SELECT p.id, d.city_id, p.kind, p.district_id
      FROM applicants_party p JOIN applicants_district d ON d.id = p.district_id
     WHERE d.city_id = %(city)s AND p.kind <> 'person' AND p.ended_on IS NULL AND {among_p}
), came AS (  -- as applicants.domain.succession.ancestors
    SELECT successor_id AS heir, party_id AS ancestor, made_at,
           CASE kind WHEN 'split' THEN effective_on - 1 ELSE 'infinity' END AS until
      FROM applicants_partychange WHERE state = 'made' AND kind <> 'rename'
), lineage AS (
    SELECT * FROM came
     UNION ALL
    SELECT l.heir, c.ancestor, c.made_at, least(l.until, c.until)
      FROM lineage l JOIN came c ON c.heir = l.ancestor AND c.made_at < l.made_at
), family AS (
    SELECT id AS party_id, id AS ancestor, 'infinity'::date AS until FROM chosen
     UNION ALL
    SELECT l.heir, l.ancestor, max(l.until)
      FROM lineage l JOIN chosen c ON c.id = l.heir GROUP BY 1, 2
), newest AS (
    SELECT DISTINCT ON (f.party_id, f.key) f.party_id, f.key, f.value
      FROM applicants_profilefact f WHERE {among_f}
     ORDER BY f.party_id, f.key, f.id DESC
), known AS (
    SELECT party_id, jsonb_object_agg(key, value) AS facts
      FROM newest WHERE value NOT IN ('""'::jsonb, 'null'::jsonb, '[]'::jsonb)
     GROUP BY party_id
), ended AS (
    SELECT entry_id, max("on") - 1 AS last_day
      FROM incentives_registerstep WHERE kind = 'end' GROUP BY entry_id
), held AS (
    SELECT f.party_id, jsonb_agg(jsonb_build_object(
               'title', e.title, 'level', nullif(e.level, ''), 'from', e.starts_on,
               'until', nullif(least(e.ends_on, ended.last_day, f.until), 'infinity'))
               ORDER BY e.id) AS entries
      FROM family f JOIN incentives_registerentry e ON e.party_id = f.ancestor
      LEFT JOIN ended ON ended.entry_id = e.id
     WHERE e.city_id = %(city)s AND e.kind IN ('title', 'listing', 'status')
       AND e.state <> 'declined' AND e.starts_on <= f.until
     GROUP BY f.party_id
)
SELECT c.id AS party_id, c.city_id, c.kind, c.district_id,
       coalesce(k.facts, '{{}}'::jsonb) AS facts, coalesce(h.entries, '[]'::jsonb) AS recognitions
  FROM chosen c
  LEFT JOIN known k ON k.party_id = c.id
  LEFT JOIN held h ON h.party_id = c.id
"""

AMONG = """
({column} > %(after)s AND (%(upto)s::bigint IS NULL OR {column} <= %(upto)s::bigint)
 AND (%(parties)s::bigint[] IS NULL OR {column} = ANY(%(parties)s::bigint[])))
"""
WANTED = WANTED.format(
    among_p=AMONG.format(column="p.id"),
    among_f=AMONG.format(column="f.party_id"),
)

REFRESH = f"""
WITH wanted AS MATERIALIZED ({WANTED}), gone AS (
    DELETE FROM incentives_registryrecord o
     WHERE o.city_id = %(city)s AND {AMONG.format(column="o.party_id")}
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
    with joined_at_once() as cursor:
        cursor.execute(REFRESH, _among(city, parties, after, upto) | {"now": timezone.now()})
        return int(cursor.fetchone()[0])


def tampered(*, city: str) -> list[Difference]:
    """Records that differ from their sources although no source is newer than they are.

    `recorded` is how many values such a record holds, `added_up` how many its sources bear out.
    """
    with joined_at_once() as cursor:
        cursor.execute(TAMPERED, _among(city, None, 0, None))
        return [Difference("registry", *row) for row in cursor]


def _among(
    city: str, parties: Collection[int] | None, after: int, upto: int | None
) -> dict[str, Any]:
    named = None if parties is None else list(parties)
    return {"city": city, "parties": named, "after": after, "upto": upto}
