"""A receipt of a recovery that was entered wrongly, reversed whole by two people.

The money never came: the award holds it again under every limit from which the receipt had taken it,
and wherever a merger or a split has since put what it holds. Nobody is refused what they were given
meanwhile: where a cap, a pool or a same event has no such room any more, its balance stands at the
sum, `carried` says by how much, and it leaves no room to anybody. A budget is what finance itself can
supplement, so it is never overspent: the reversal waits for that (HQ044). The budget of a closed year
keeps the figures of its close. A write-off that the receipt had taken back stands again.

Ledger and demand get entries below 0 that name the receipt; nothing is deleted.
"""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

REVERSE = """
CREATE FUNCTION huiqi_reverse_receipt(p_reversal bigint, p_at timestamptz, p_actor bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_reversal incentives_receiptreversal%ROWTYPE;
    v_receipt incentives_recoveryentry%ROWTYPE;
    v_recovery incentives_recovery%ROWTYPE;
    v_award incentives_award%ROWTYPE;
    v_undone bigint; -- what the receipt took back of a write-off
    v_after bigint;
    v_old bigint[];
    v_new bigint[];
    v_moved numeric;
    v_mark bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || c.city_id))
       FROM incentives_receiptreversal v
       JOIN incentives_recoveryentry e ON e.id = v.receipt_id
       JOIN incentives_recovery c ON c.id = e.recovery_id WHERE v.id = p_reversal;
    SELECT e.* INTO STRICT v_receipt FROM incentives_receiptreversal v
      JOIN incentives_recoveryentry e ON e.id = v.receipt_id WHERE v.id = p_reversal;
    SELECT * INTO STRICT v_recovery FROM incentives_recovery
     WHERE id = v_receipt.recovery_id FOR UPDATE;
    SELECT * INTO STRICT v_award FROM incentives_award WHERE id = v_recovery.award_id FOR UPDATE;
    SELECT * INTO v_reversal FROM incentives_receiptreversal
     WHERE id = p_reversal AND state = 'prepared' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'reversal % is decided', p_reversal USING ERRCODE = 'HQ022';
    END IF;
    IF v_receipt.kind <> 'paid' OR v_receipt.amount <= 0 THEN
        RAISE EXCEPTION 'entry % is no receipt', v_receipt.id USING ERRCODE = 'HQ042';
    END IF;
    SELECT e.id INTO v_undone
      FROM (SELECT id, kind, amount FROM incentives_recoveryentry
             WHERE recovery_id = v_recovery.id AND id < v_receipt.id
             ORDER BY id DESC LIMIT 1) AS e WHERE e.kind = 'written_off' AND e.amount < 0;
    FOR r IN
        SELECT e.*, CASE e.kind WHEN 'written_off' THEN e.kind ELSE 'recovered' END AS stage
          FROM incentives_recoveryentry e WHERE e.id IN (v_receipt.id, v_undone) ORDER BY e.id
    LOOP
        SELECT max(id) INTO STRICT v_after FROM incentives_ledgerentry WHERE award_id = v_award.id;
        INSERT INTO incentives_ledgerentry (
            city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id,
            budget_id, case_number, programme_id, verb, payer, bureau_id, district_id,
            applicant_id, actor_id, reason)
        SELECT l.city_id, l.stage, -l.amount, p_at,
               extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai'), l.approval_year,
               l.budget_year, l.award_id, l.budget_id, l.case_number, l.programme_id, l.verb, l.payer, l.bureau_id,
               l.district_id, l.applicant_id, p_actor,
               v_recovery.number || ' ' || v_receipt.reference || ': ' || v_reversal.reason
          FROM incentives_ledgerentry l
         WHERE l.award_id = v_award.id AND l.stage = r.stage
           AND l.id BETWEEN r.first_entry_id AND r.last_entry_id ORDER BY l.id;
        PERFORM huiqi_enter(
            v_recovery.id, r.kind, -r.amount, r.received_on, r.reference, NULL,
            v_reversal.prepared_by_id, p_at, p_actor, v_award.id, v_after, r.id);
    END LOOP;
    SELECT array_agg(l.id ORDER BY l.id) FILTER (WHERE l.id <= v_receipt.last_entry_id),
           array_agg(l.id ORDER BY l.id) FILTER (WHERE l.id > v_receipt.last_entry_id)
      INTO v_old, v_new
      FROM incentives_ledgerentry l
      JOIN incentives_recoveryentry e ON e.id = v_receipt.id OR e.reverses_id = v_receipt.id
     WHERE l.award_id = v_award.id AND l.stage = 'recovered'
       AND l.id BETWEEN e.first_entry_id AND e.last_entry_id;
    PERFORM 1 FROM incentives_counter WHERE id IN (
        SELECT counter_id FROM incentives_counterentry WHERE award_id = v_award.id)
      ORDER BY heat, key FOR NO KEY UPDATE;
    SELECT max(id) INTO v_mark FROM incentives_counterentry WHERE award_id = v_award.id;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT e.counter_id, v_new[array_position(v_old, e.entry_id)], v_award.id, -e.amount,
           CASE WHEN h.back = e.amount THEN h.entitled ELSE least(h.entitled, h.held - e.amount) END
      FROM incentives_counterentry e
      JOIN incentives_counter c ON c.id = e.counter_id
     CROSS JOIN LATERAL (
           SELECT sum(x.amount) AS held,
                  (array_agg(x.entitled ORDER BY x.id DESC) FILTER (
                      WHERE x.amount = 0 OR x.amount > 0
                        AND l.stage IN ('reserved', 'opening')))[1] AS entitled,
                  sum(x.amount) FILTER (WHERE x.change_id IS NULL
                                          AND l.stage IN ('released', 'recovered')) AS back
             FROM incentives_counterentry x JOIN incentives_ledgerentry l ON l.id = x.entry_id
            WHERE x.counter_id = e.counter_id AND x.award_id = v_award.id) AS h
     WHERE e.award_id = v_award.id AND e.entry_id = ANY (v_old) AND e.amount < 0 AND NOT EXISTS (
           SELECT 1 FROM incentives_budget b JOIN incentives_yearclose y
               ON y.city_id = c.city_id AND y.year = b.year AND y.closed_at IS NOT NULL
            WHERE c.kind = 'budget' AND c.key = 'budget:' || b.id);
    -- What was withdrawn since, when nothing of it was held, is given back now.
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT h.counter_id, s.entry, v_award.id, s.stands - h.amount,
           least(s.stands, (SELECT e.entitled FROM incentives_counterentry e
                             WHERE e.counter_id = h.counter_id AND e.award_id = v_award.id
                             ORDER BY e.id DESC LIMIT 1))
      FROM huiqi_held_by(v_award.id) h JOIN incentives_counter c ON c.id = h.counter_id
     CROSS JOIN LATERAL (
           SELECT greatest(sum(CASE l.stage WHEN 'reserved' THEN l.amount ELSE -l.amount END), 0)
                      AS stands, max(l.id) FILTER (WHERE l.stage = 'released') AS entry
             FROM incentives_ledgerentry l
            WHERE l.award_id = v_award.id AND l.stage IN ('reserved', 'released', 'recovered')
              AND (c.kind NOT IN ('pool', 'budget') OR l.payer = 'city'
                   AND l.budget_year = huiqi_year_of_counter(c.kind, c.key))) AS s
     WHERE c.unit = 'yuan' AND s.entry IS NOT NULL AND h.amount > s.stands
       AND EXISTS (SELECT 1 FROM incentives_counterentry e
                    WHERE e.counter_id = h.counter_id AND e.award_id = v_award.id
                      AND e.entry_id = ANY (v_new));
    FOR r IN -- as what the award held has gone since: to a successor, in whole or by its part
        SELECT m.counter_id AS target, s.id AS source, m.change_id, m.amount / b.held AS part,
               EXISTS (SELECT 1 FROM incentives_counterentry o
                        WHERE o.change_id = m.change_id AND o.award_id = v_award.id
                          AND o.counter_id = s.id AND o.amount < 0) AS leaves
          FROM incentives_counterentry m
          JOIN applicants_partychange h ON h.id = m.change_id
          JOIN incentives_counter t ON t.id = m.counter_id
          JOIN incentives_counter s ON s.city_id = t.city_id
               AND s.id IN (SELECT x.counter_id FROM incentives_counterentry x
                             WHERE x.award_id = v_award.id)
               AND huiqi_named_alike(s.key, t.key, h.party_id, h.successor_id)
         CROSS JOIN LATERAL (
               SELECT sum(x.amount) AS held FROM incentives_counterentry x
                WHERE x.counter_id = s.id AND x.award_id = v_award.id AND x.id < m.id
                  AND x.change_id IS DISTINCT FROM m.change_id) AS b
         WHERE m.award_id = v_award.id AND m.amount > 0 AND b.held > 0
           AND NOT m.entry_id = ANY (v_new) AND m.id > (
               SELECT min(x.id) FROM incentives_counterentry x
                WHERE x.award_id = v_award.id AND x.entry_id = ANY (v_old))
         ORDER BY m.id
    LOOP
        SELECT round(sum(e.amount) * r.part, 2) INTO v_moved FROM incentives_counterentry e
         WHERE e.counter_id = r.source AND e.award_id = v_award.id
           AND e.entry_id = ANY (v_new);
        CONTINUE WHEN coalesce(v_moved, 0) <= 0;
        INSERT INTO incentives_counterentry (
            counter_id, entry_id, award_id, change_id, amount, entitled)
        SELECT CASE WHEN w.arrives THEN r.target ELSE r.source END, e.entry_id, v_award.id,
               r.change_id, CASE WHEN w.arrives THEN v_moved ELSE -v_moved END, e.entitled
          FROM (SELECT x.entry_id, x.entitled FROM incentives_counterentry x
                 WHERE x.counter_id = r.source AND x.award_id = v_award.id
                   AND x.entry_id = ANY (v_new)
                 ORDER BY x.id DESC LIMIT 1) AS e
         CROSS JOIN (VALUES (true), (false)) AS w(arrives)
         WHERE w.arrives OR r.leaves;
    END LOOP;
    -- Where nothing was held when an organisation ended, nothing shows where it would have gone.
    IF EXISTS (
        SELECT 1 FROM incentives_counterentry e
          JOIN incentives_counter c ON c.id = e.counter_id AND c.kind NOT IN ('pool', 'budget')
          JOIN applicants_partychange h ON h.state = 'made' AND h.kind IN ('merger', 'split')
           AND h.made_at >= v_receipt.recorded_at
           AND CASE c.kind WHEN 'cap' THEN regexp_replace(c.key, ':[0-9]{4}$', '') ELSE c.key END
               ~ ('[:|=]' || h.party_id || '([:|]|$)')
         WHERE e.award_id = v_award.id AND e.entry_id = ANY (v_new) AND e.change_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM incentives_counterentry m
                            WHERE m.change_id = h.id AND m.award_id = v_award.id)) THEN
        RAISE EXCEPTION 'limits of award % have passed on', v_award.id USING ERRCODE = 'HQ043';
    END IF;
    FOR r IN
        SELECT c.id, c.key, c.kind, c.used + s.amount AS used, c."limit" AS before,
               CASE WHEN c.kind IN ('event', 'tally') THEN greatest(c."limit", s.entitled)
                    ELSE c."limit" END AS lim
          FROM (SELECT e.counter_id, sum(e.amount) AS amount,
                       (array_agg(e.entitled ORDER BY e.id DESC))[1] AS entitled
                  FROM incentives_counterentry e
                 WHERE e.award_id = v_award.id AND e.id > v_mark GROUP BY 1) AS s
          JOIN incentives_counter c ON c.id = s.counter_id
         WHERE s.amount <> 0 ORDER BY c.heat, c.key
    LOOP
        IF r.kind = 'budget' AND r.used > r.lim THEN
            RAISE EXCEPTION '%', r.used - r.lim USING ERRCODE = 'HQ044';
        END IF;
        UPDATE incentives_counter
           SET used = r.used, "limit" = r.lim, carried = greatest(carried, r.used - r.lim)
         WHERE id = r.id;
    END LOOP;
    IF (SELECT sum(amount) FROM incentives_recoveryentry WHERE recovery_id = v_recovery.id)
       < v_recovery.amount THEN
        -- A write-off that is asked for was of another rest: it is asked for anew.
        UPDATE incentives_recovery
           SET state = 'demanded', write_off_asked_by_id = NULL, write_off_reason = ''
         WHERE id = v_recovery.id;
    END IF;
    UPDATE incentives_receiptreversal
       SET state = 'approved', approved_by_id = p_actor, approved_at = p_at
     WHERE id = p_reversal;
END $$;
"""

DROP = """
CREATE FUNCTION huiqi_drop_receipt_reversal(p_reversal bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE incentives_receiptreversal SET state = 'dropped'
     WHERE id = p_reversal AND state = 'prepared';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'reversal % is decided', p_reversal USING ERRCODE = 'HQ022';
    END IF;
END $$;
"""

CALLED = "huiqi_reverse_receipt, huiqi_drop_receipt_reversal"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0018_reversals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReceiptReversal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("evidence", models.TextField(blank=True, verbose_name="evidence")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("approved", "approved"),
                            ("dropped", "dropped"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "prepared_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="prepared at"),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="prepared by",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="reversals",
                        to="incentives.recoveryentry",
                        verbose_name="receipt",
                    ),
                ),
            ],
            options={
                "verbose_name": "reversal of a receipt",
                "verbose_name_plural": "reversals of receipts",
                "ordering": ["-id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        models.F("receipt"),
                        condition=models.Q(("state", "dropped"), _negated=True),
                        name="one_reversal_per_receipt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="receipt_reversal_approved_by_another",
                        violation_error_message="A reversal is approved by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False), ("approved_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="receipt_reversal_names_who_approved_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="receipt_reversal_gives_its_reason",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="reversal_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:approved,prepared:dropped}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="275904e9714073030befcbd04dbe5c0596328ae7",
                            operation="UPDATE",
                            pgid="pgtrigger_reversal_steps_e0e4c",
                            table="incentives_receiptreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_begins_prepared",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."approved_by_id" IS NULL AND NEW."state" = \'prepared\'))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="5ce4abcacd689f359b7d9e477732afaf746c2a2c",
                            operation="INSERT",
                            pgid="pgtrigger_reversal_begins_prepared_ff6d5",
                            table="incentives_receiptreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."receipt_id" IS DISTINCT FROM (NEW."receipt_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="87ba5007536d34a017217a43d84e8ef94c4681d6",
                            operation="UPDATE",
                            pgid="pgtrigger_reversal_content_e06b3",
                            table="incentives_receiptreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NOT (OLD.\"state\" = 'prepared'))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="bf76c0a4dba8b631988ba1777f975955613ad126",
                            operation="UPDATE",
                            pgid="pgtrigger_reversal_final_22c18",
                            table="incentives_receiptreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="f7564841b7d434eec8af714d8d28cc750cb01497",
                            operation="DELETE",
                            pgid="pgtrigger_reversal_kept_7307b",
                            table="incentives_receiptreversal",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(sql) for sql in (REVERSE, DROP, PRIVILEGES)),
    ]
