"""History sealed into hash chains: the head of each chain, and the functions that lengthen it.

A link's digest is SHA-256 of the digest before it (32 zero bytes at first) and of the row's text.
`huiqi_event_text` is that text for events; a table of another app brings its own such function.
Rows are sealed in the order of their ids, shortly after their commit. A row that commits under an
id below `swept`, which everything passed an hour ago, is not sealed but found by the verification.
`swept` moves only when a call leaves nothing to the next one: what did not fit is sealed yet.
`huiqi_anchor` notes where the chains stand, for the day that is over in Shanghai.
"""

from django.conf import settings
from django.db import migrations

EVENT_TEXT = """
CREATE FUNCTION huiqi_event_text(e applicants_event) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_array(
        e.id, e.city_id, e.kind, e.subject, e.actor_id, extract(epoch FROM e.at)::text, e.reason,
        e.data)::text;
$$;
"""

HEAD = """
CREATE FUNCTION huiqi_chain_head(p_chain text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_swept bigint;
BEGIN
    INSERT INTO applicants_chainhead (chain, number, digest, swept, passing, looked_at)
    VALUES (p_chain, 0, decode(repeat('00', 32), 'hex'), 0, 0, now())
    ON CONFLICT (chain) DO NOTHING;
    SELECT swept INTO STRICT v_swept FROM applicants_chainhead WHERE chain = p_chain FOR UPDATE;
    RETURN v_swept;
END $$;
"""

EXTEND = """
CREATE FUNCTION huiqi_extend_chain(
    p_chain text, p_rows bigint[], p_texts text[], p_about bigint[], p_newest bigint
) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_head applicants_chainhead%ROWTYPE;
    v_digests bytea[] := '{}';
    v_digest bytea;
BEGIN
    SELECT * INTO STRICT v_head FROM applicants_chainhead WHERE chain = p_chain FOR UPDATE;
    v_digest := v_head.digest;
    FOR i IN 1 .. coalesce(array_length(p_rows, 1), 0) LOOP
        v_digest := sha256(v_digest || convert_to(p_texts[i], 'UTF8'));
        v_digests := v_digests || v_digest;
    END LOOP;
    INSERT INTO applicants_chainlink (chain, number, "row", digest, about, sealed_at)
    SELECT p_chain, v_head.number + t.place, t.id, t.digest, t.about, now()
      FROM unnest(p_rows, v_digests, p_about) WITH ORDINALITY AS t(id, digest, about, place);
    UPDATE applicants_chainhead
       SET number = number + coalesce(array_length(p_rows, 1), 0), digest = v_digest
     WHERE chain = p_chain;
    UPDATE applicants_chainhead
       SET swept = passing, passing = greatest(passing, p_newest), looked_at = now()
     WHERE chain = p_chain AND p_newest IS NOT NULL AND looked_at < now() - interval '1 hour';
    RETURN coalesce(array_length(p_rows, 1), 0);
END $$;
"""

SEAL_EVENTS = """
CREATE FUNCTION huiqi_seal_events(p_city text, p_most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_chain text := 'events:' || coalesce(p_city, '');
    v_swept bigint := huiqi_chain_head(v_chain);
    v_newest bigint;
    v_rows bigint[];
    v_texts text[];
BEGIN
    SELECT array_agg(f.id ORDER BY f.id), array_agg(f.line ORDER BY f.id) INTO v_rows, v_texts
      FROM (SELECT e.id, huiqi_event_text(e) AS line FROM applicants_event e
             WHERE e.city_id IS NOT DISTINCT FROM p_city AND e.id > v_swept
               AND NOT EXISTS (SELECT 1 FROM applicants_chainlink c
                                WHERE c.chain = v_chain AND c."row" = e.id)
             ORDER BY e.id LIMIT p_most) AS f;
    SELECT coalesce(max(id), 0) INTO v_newest FROM applicants_event;
    RETURN huiqi_extend_chain(v_chain, v_rows, v_texts, NULL,
        CASE WHEN array_length(v_rows, 1) = p_most THEN NULL ELSE v_newest END);
END $$;
"""

ANCHOR = """
CREATE FUNCTION huiqi_anchor(OUT chain text, OUT number bigint, OUT digest bytea)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM applicants_chainhead h ORDER BY h.chain FOR SHARE;
    INSERT INTO applicants_chainanchor (chain, day, number, digest, made_at)
    SELECT h.chain, (now() AT TIME ZONE 'Asia/Shanghai')::date - 1, h.number, h.digest, now()
      FROM applicants_chainhead h
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT h.chain::text, h.number, h.digest
      FROM applicants_chainhead h ORDER BY h.chain;
END $$;
"""

CALLED = "huiqi_seal_events, huiqi_event_text, huiqi_anchor"
INNER = "huiqi_chain_head, huiqi_extend_chain"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, {INNER} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("applicants", "0003_history")]

    operations = [
        migrations.RunSQL(sql)
        for sql in (EVENT_TEXT, HEAD, EXTEND, SEAL_EVENTS, ANCHOR, PRIVILEGES)
    ]
