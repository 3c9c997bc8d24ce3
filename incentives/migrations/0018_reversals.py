"""An opening that was entered wrongly, reversed whole by two people.

`huiqi_reverse_opening` takes it off every counter on which it stands now, wherever a merger or a
split has put it, by counter entries of their own; nothing is deleted. An award is released with
that, and the ledger has an entry of the stage `reversed`, which is no money of this house's years,
as `opening` was none. The application's role changes no reversal.
"""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

REVERSE = """
CREATE FUNCTION huiqi_reverse_opening(p_reversal bigint, p_at timestamptz, p_actor bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_reversal incentives_openingreversal%ROWTYPE;
    v_award incentives_award%ROWTYPE;
    v_entry bigint;
    r record;
BEGIN
    -- No merger moves it meanwhile, and no pool that is set up counts it.
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || i.city_id))
       FROM incentives_openingreversal v JOIN incentives_importrow o ON o.id = v.opening_id
       JOIN incentives_registryimport i ON i.id = o.of_id WHERE v.id = p_reversal;
    SELECT * INTO v_reversal FROM incentives_openingreversal
     WHERE id = p_reversal AND state = 'prepared' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'reversal % is decided', p_reversal USING ERRCODE = 'HQ022';
    END IF;
    UPDATE incentives_award SET state = 'released'
     WHERE opening_id = v_reversal.opening_id AND state = 'committed' RETURNING * INTO v_award;
    IF EXISTS (SELECT 1 FROM incentives_ledgerentry e
                WHERE e.award_id = v_award.id AND e.stage <> 'opening') THEN
        RAISE EXCEPTION 'award % has moved on', v_award.id USING ERRCODE = 'HQ019';
    END IF;
    v_entry := huiqi_post(
        v_award.id, NULL, 'reversed', v_award.amount, p_at, p_actor, v_reversal.reason);
    FOR r IN
        SELECT c.id, h.amount
          FROM (SELECT e.counter_id, sum(e.amount) AS amount FROM incentives_counterentry e
                 WHERE e.award_id = v_award.id OR e.opening_id = v_reversal.opening_id
                 GROUP BY e.counter_id HAVING sum(e.amount) > 0) h
          JOIN incentives_counter c ON c.id = h.counter_id
         ORDER BY c.heat, c.key FOR NO KEY UPDATE OF c
    LOOP
        INSERT INTO incentives_counterentry (
            counter_id, entry_id, award_id, opening_id, amount, entitled)
        VALUES (r.id, v_entry, v_award.id,
                CASE WHEN v_award.id IS NULL THEN v_reversal.opening_id END, -r.amount, 0);
        UPDATE incentives_counter SET used = used - r.amount WHERE id = r.id;
        PERFORM huiqi_lower_event(r.id);
    END LOOP;
    IF NOT FOUND AND v_award.id IS NULL THEN
        RAISE EXCEPTION 'row % opened nothing', v_reversal.opening_id USING ERRCODE = 'HQ022';
    END IF;
    UPDATE incentives_openingreversal
       SET state = 'approved', approved_by_id = p_actor, approved_at = p_at
     WHERE id = p_reversal;
END $$;
"""

DROP = """
CREATE FUNCTION huiqi_drop_reversal(p_reversal bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE incentives_openingreversal SET state = 'dropped'
     WHERE id = p_reversal AND state = 'prepared';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'reversal % is decided', p_reversal USING ERRCODE = 'HQ022';
    END IF;
END $$;
"""

CALLED = "huiqi_reverse_opening, huiqi_drop_reversal"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0017_credit_listings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OpeningReversal",
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
                    "opening",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="reversals",
                        to="incentives.importrow",
                        verbose_name="row of the list",
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
            ],
            options={
                "verbose_name": "reversal of an opening",
                "verbose_name_plural": "reversals of openings",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("opening"),
                        condition=models.Q(("state", "dropped"), _negated=True),
                        name="one_reversal_per_opening",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="reversal_approved_by_another",
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
                        name="reversal_names_who_approved_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="reversal_gives_its_reason",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="reversal_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:approved,prepared:dropped}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="82bd229b9d837305d3cdef5abbadfefea2366504",
                            operation="UPDATE",
                            pgid="pgtrigger_reversal_steps_523b6",
                            table="incentives_openingreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_begins_prepared",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."approved_by_id" IS NULL AND NEW."state" = \'prepared\'))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="b01280f464260b330dc5923e11c351f98f4f480c",
                            operation="INSERT",
                            pgid="pgtrigger_reversal_begins_prepared_9cafb",
                            table="incentives_openingreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."opening_id" IS DISTINCT FROM (NEW."opening_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="8f811b5a55803ffd42943143baa992ad4e9ec045",
                            operation="UPDATE",
                            pgid="pgtrigger_reversal_content_b5b64",
                            table="incentives_openingreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NOT (OLD.\"state\" = 'prepared'))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="68d4332e3e6dbadd289c3fce3f77490e92ef7968",
                            operation="UPDATE",
                            pgid="pgtrigger_reversal_final_b62c6",
                            table="incentives_openingreversal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reversal_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="4d83b93e773ac8f85e4c8519aca6a300c7171c08",
                            operation="DELETE",
                            pgid="pgtrigger_reversal_kept_4bc8a",
                            table="incentives_openingreversal",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(sql) for sql in (REVERSE, DROP, PRIVILEGES)),
    ]
