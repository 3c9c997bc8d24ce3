"""What was found of an instalment that waits for its stage or evaluation, or that one is withdrawn
before it is paid; confirmed by another.

`huiqi_confirm_finding` puts what falls due in the place of the instalment and releases the rest: it
gives room again in the caps and the budget of its award, unless their year is closed. Of an award
that several payers share it confirms what was found of each payer's instalment of the part, all or
none; what lapses is of that payer, so that pools and budgets have the city's again.
"""

from django.conf import settings
from django.db import migrations

CONFIRM = """
CREATE FUNCTION huiqi_confirm_part(
    p_finding bigint, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_finding incentives_instalmentfinding%ROWTYPE;
    v_part incentives_instalment%ROWTYPE;
    v_award incentives_award%ROWTYPE;
    v_rest numeric;
    v_back numeric;
    v_gone numeric;
    v_borne numeric; -- by the payer of the instalment, and gone of that
    v_gone_borne numeric;
    v_settled boolean; -- it is of what a settlement added in a later year
    v_later record;
    v_entry bigint;
    v_became bigint;
    r record;
BEGIN
    SELECT i.* INTO STRICT v_part FROM incentives_instalment i
      JOIN incentives_instalmentfinding f ON f.instalment_id = i.id WHERE f.id = p_finding;
    SELECT * INTO STRICT v_award FROM incentives_award WHERE id = v_part.award_id;
    PERFORM 1 FROM incentives_instalment WHERE id = v_part.id FOR UPDATE;
    SELECT * INTO STRICT v_finding FROM incentives_instalmentfinding
     WHERE id = p_finding FOR UPDATE;
    v_rest := v_part.amount - v_finding.amount;
    IF v_finding.state <> 'prepared' OR v_award.state <> 'committed'
       OR v_part.due_kind = 'date' AND v_finding.found <> 'withdrawn'
       OR v_rest < 0
       OR v_finding.found = 'met' AND v_rest > 0
       OR v_finding.found IN ('partly', 'not_met', 'withdrawn') AND v_rest = 0
          AND (v_finding.found <> 'partly' OR v_award.payer <> 'shared') THEN
        RAISE EXCEPTION 'finding % cannot be confirmed', p_finding USING ERRCODE = 'HQ014';
    END IF;
    IF huiqi_netted_of(v_part.id) > 0
       OR EXISTS (SELECT 1 FROM incentives_payoutline
                   WHERE instalment_id = v_part.id AND state IN ('pending', 'paid')) THEN
        RAISE EXCEPTION 'instalment % is being paid', v_part.id USING ERRCODE = 'HQ018';
    END IF;
    IF v_rest > 0 THEN
        IF v_rest = v_award.amount THEN
            UPDATE incentives_award SET state = 'released' WHERE id = v_award.id;
        ELSE
            UPDATE incentives_award SET amount = amount - v_rest WHERE id = v_award.id;
            UPDATE incentives_awardshare SET amount = amount - v_rest
             WHERE award_id = v_award.id AND payer = v_part.payer RETURNING amount + v_rest
              INTO v_borne;
        END IF;
        v_borne := coalesce(v_borne, v_award.amount);
        v_settled := v_award.settlement_year IS NOT NULL AND v_part.kind = 'settlement';
        SELECT * INTO v_later FROM huiqi_settled_later(v_award.id);
        v_entry := huiqi_post(v_award.id, NULL, 'released', v_rest, p_at, p_actor, p_reason,
                              v_settled, v_part.payer);
        SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE payer = v_part.payer), 0)
          INTO v_gone, v_gone_borne FROM incentives_ledgerentry
         WHERE award_id = v_award.id AND stage = 'recovered';
        FOR r IN
            SELECT c.id, c.unit, h.amount,
                   CASE WHEN y.of IS NULL THEN v_award.amount - v_gone
                        WHEN v_settled THEN v_later.kept - v_later.recovered
                        ELSE v_borne - v_gone_borne - (v_later.kept - v_later.recovered)
                   END AS stands
              FROM huiqi_held_by(v_award.id) h JOIN incentives_counter c ON c.id = h.counter_id
             CROSS JOIN LATERAL (SELECT huiqi_year_of_counter(c.kind, c.key) AS of) y
             WHERE (c.unit = 'yuan' OR v_rest = v_award.amount)
               AND (y.of IS NULL OR v_part.payer = 'city' AND y.of = CASE
                    WHEN v_settled THEN v_award.settlement_year ELSE v_award.approval_year END)
             ORDER BY c.heat, c.key FOR NO KEY UPDATE OF c
        LOOP
            v_back := CASE r.unit WHEN 'yuan'
                THEN round(r.amount * v_rest / greatest(r.stands, v_rest), 2)
                ELSE r.amount END;
            CONTINUE WHEN v_back <= 0;
            PERFORM huiqi_give_back(r.id, v_entry, v_award.id, v_back);
        END LOOP;
    END IF;
    IF v_finding.amount > 0 THEN
        INSERT INTO incentives_instalment (
            award_id, number, payee_id, amount, payer, part, kind, due_kind, label, due_on)
        SELECT v_part.award_id, max(i.number) + 1, v_part.payee_id, v_finding.amount, v_part.payer,
               v_part.part, v_part.kind, 'date', v_part.label, v_finding.due_on
          FROM incentives_instalment i WHERE i.award_id = v_part.award_id
        RETURNING id INTO v_became;
    END IF;
    UPDATE incentives_instalmentfinding
       SET state = 'confirmed', confirmed_by_id = p_actor, confirmed_at = p_at,
           became_id = v_became
     WHERE id = p_finding;
    RETURN v_became;
END $$;

CREATE FUNCTION huiqi_confirm_finding(
    p_finding bigint, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_part incentives_instalment%ROWTYPE;
    v_shared boolean;
    v_parts bigint[]; -- one of each payer
    v_became bigint;
    v_each bigint;
    r record;
BEGIN
    SELECT i.* INTO STRICT v_part FROM incentives_instalment i
      JOIN incentives_instalmentfinding f ON f.instalment_id = i.id WHERE f.id = p_finding;
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a WHERE a.id = v_part.award_id;
    SELECT payer = 'shared' INTO STRICT v_shared FROM incentives_award
     WHERE id = v_part.award_id FOR UPDATE;
    SELECT array_agg(i.id) INTO v_parts FROM incentives_instalment i
     WHERE i.id = v_part.id
        OR v_shared AND i.award_id = v_part.award_id AND i.part = v_part.part;
    FOR r IN
        SELECT id, instalment_id FROM incentives_instalmentfinding
         WHERE id = p_finding OR state = 'prepared' AND instalment_id = ANY (v_parts)
         ORDER BY instalment_id
    LOOP
        v_each := huiqi_confirm_part(r.id, p_at, p_actor, p_reason);
        IF r.id = p_finding THEN
            v_became := v_each;
        END IF;
    END LOOP;
    PERFORM 1 FROM unnest(v_parts) AS p(id)
      WHERE NOT EXISTS (SELECT 1 FROM incentives_instalmentfinding f
                         WHERE f.instalment_id = p.id AND f.state = 'confirmed')
        AND NOT EXISTS (SELECT 1 FROM incentives_payoutline l
                         WHERE l.instalment_id = p.id AND l.state = 'paid')
        AND huiqi_netted_of(p.id) = 0;
    IF FOUND THEN
        RAISE EXCEPTION 'finding % leaves out a payer', p_finding USING ERRCODE = 'HQ014';
    END IF;
    RETURN v_became;
END $$;
"""

GUARD = """
CREATE FUNCTION huiqi_finding_confirmed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Only the function that moves the money confirms: it runs by the rights of its owner.
    IF current_user = 'ROLE' THEN
        RAISE EXCEPTION 'a finding is confirmed by huiqi_confirm_finding'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_finding_confirmed BEFORE UPDATE ON incentives_instalmentfinding
    FOR EACH ROW WHEN (NEW.state = 'confirmed') EXECUTE FUNCTION huiqi_finding_confirmed();
"""

ROLE = settings.APPLICATION_DB_ROLE
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION huiqi_confirm_finding, huiqi_confirm_part FROM PUBLIC;
GRANT EXECUTE ON FUNCTION huiqi_confirm_finding TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0013_pro_rata_and_findings")]

    operations = [
        migrations.RunSQL(sql) for sql in (CONFIRM, GUARD.replace("ROLE", ROLE), PRIVILEGES)
    ]
