"""The ledger of each city sealed into its hash chain; see applicants/migrations/0004_sealing.py."""

from django.conf import settings
from django.db import migrations

LEDGER_TEXT = """
CREATE FUNCTION huiqi_ledger_text(e incentives_ledgerentry) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_array(
        e.id, e.city_id, e.stage, e.amount, extract(epoch FROM e.posted_at)::text, e.year,
        e.approval_year, e.budget_year, e.award_id, e.line_id, e.budget_id, e.case_number,
        e.programme_id, e.verb, e.payer, e.bureau_id, e.district_id, e.applicant_id, e.payee_id,
        e.actor_id, e.reason)::text;
$$;
"""

SEAL_LEDGER = """
CREATE FUNCTION huiqi_seal_ledger(p_city text, p_most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_chain text := 'ledger:' || p_city;
    v_swept bigint := huiqi_chain_head(v_chain);
    v_newest bigint;
    v_rows bigint[];
    v_texts text[];
    v_awards bigint[];
BEGIN
    SELECT array_agg(f.id ORDER BY f.id), array_agg(f.line ORDER BY f.id),
           array_agg(f.award_id ORDER BY f.id)
      INTO v_rows, v_texts, v_awards
      FROM (SELECT e.id, e.award_id, huiqi_ledger_text(e) AS line FROM incentives_ledgerentry e
             WHERE e.city_id = p_city AND e.id > v_swept
               AND NOT EXISTS (SELECT 1 FROM applicants_chainlink c
                                WHERE c.chain = v_chain AND c."row" = e.id)
             ORDER BY e.id LIMIT p_most) AS f;
    SELECT coalesce(max(id), 0) INTO v_newest FROM incentives_ledgerentry;
    RETURN huiqi_extend_chain(v_chain, v_rows, v_texts, v_awards,
        CASE WHEN array_length(v_rows, 1) = p_most THEN NULL ELSE v_newest END);
END $$;
"""

CALLED = "huiqi_seal_ledger, huiqi_ledger_text"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("applicants", "0004_sealing"), ("incentives", "0011_recovering")]

    operations = [migrations.RunSQL(sql) for sql in (LEDGER_TEXT, SEAL_LEDGER, PRIVILEGES)]
