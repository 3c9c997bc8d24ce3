"""What the database refuses about budgets: money without a change, and anything behind a close.

A budget begins empty. A change moves money within one city, and none in or out of a closed year.
Closing a year waits for whoever is writing into the ledger, so that nobody is behind it.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

CHANGES = """
CREATE FUNCTION huiqi_check_budget_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_closed int;
BEGIN
    PERFORM 1 FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
      WHERE b.id IN (NEW.budget_id, NEW.taken_from_id)
     HAVING count(DISTINCT f.city_id) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer_within_a_city: the budgets are of two cities'
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT min(b.year) INTO v_closed
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
      JOIN incentives_yearclose y ON y.city_id = f.city_id AND y.year = b.year
     WHERE b.id IN (NEW.budget_id, NEW.taken_from_id) AND y.closed_at IS NOT NULL
       AND NEW.state <> 'cancelled';
    IF v_closed IS NOT NULL THEN
        RAISE EXCEPTION '%', v_closed USING ERRCODE = 'HQ012';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_check_budget_change BEFORE INSERT OR UPDATE ON incentives_budgetchange
    FOR EACH ROW EXECUTE FUNCTION huiqi_check_budget_change();
"""

CLOSES = """
CREATE FUNCTION huiqi_lock_books(p_city text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Whoever writes into the ledger now ends first; whoever comes later waits for this.
    PERFORM huiqi_lock_pools(p_city);
    LOCK TABLE incentives_ledgerentry IN SHARE MODE;
END $$;

CREATE FUNCTION huiqi_close_books() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM huiqi_lock_books(NEW.city_id);
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_close_books BEFORE INSERT OR UPDATE ON incentives_yearclose
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION huiqi_close_books();
"""

ROLE = settings.APPLICATION_DB_ROLE
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION huiqi_lock_books(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION huiqi_lock_books(text) TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0009_paper_of_the_public"),
        ("incentives", "0018_recoveries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="capexcess",
            name="excess_content",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="capexcess",
            name="excess_final",
        ),
        migrations.RemoveConstraint(
            model_name="capexcess",
            name="one_excess_per_cap",
        ),
        migrations.AddField(
            model_name="capexcess",
            name="decline_reason",
            field=models.TextField(blank=True, db_default="", verbose_name="why it was declined"),
        ),
        migrations.AddField(
            model_name="capexcess",
            name="declined_at",
            field=models.DateTimeField(null=True, verbose_name="declined at"),
        ),
        migrations.AddField(
            model_name="capexcess",
            name="declined_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="declined by",
            ),
        ),
        migrations.AddField(
            model_name="capexcess",
            name="unit",
            field=models.CharField(
                choices=[("yuan", "yuan"), ("awards", "awards"), ("rows", "rows")],
                db_default="yuan",
                max_length=10,
                verbose_name="unit",
            ),
        ),
        migrations.AlterField(
            model_name="capexcess",
            name="amount",
            field=models.DecimalField(decimal_places=2, max_digits=16, verbose_name="excess"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="budget",
            trigger=pgtrigger.compiler.Trigger(
                name="budget_begins_empty",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."opened" OR NOT (NEW."planned" = 0))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="ecb0200c46da3a1d48034b028d1950b844929344",
                    operation="INSERT",
                    pgid="pgtrigger_budget_begins_empty_61f7b",
                    table="incentives_budget",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="capexcess",
            trigger=pgtrigger.compiler.Trigger(
                name="excess_content",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."city_id" IS DISTINCT FROM (NEW."city_id") OR OLD."case_number" IS DISTINCT FROM (NEW."case_number") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."cap" IS DISTINCT FROM (NEW."cap") OR OLD."printed" IS DISTINCT FROM (NEW."printed") OR OLD."unit" IS DISTINCT FROM (NEW."unit") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e02f4be66167391a18b6ceafd708c9d6ccb6bd26",
                    operation="UPDATE",
                    pgid="pgtrigger_excess_content_de45a",
                    table="incentives_capexcess",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="capexcess",
            trigger=pgtrigger.compiler.Trigger(
                name="excess_final",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."approved_by_id" IS NOT NULL OR OLD."declined_by_id" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="4c4ed14c612beb7b4dd87c28b65e8fc893ee5a29",
                    operation="UPDATE",
                    pgid="pgtrigger_excess_final_55f3e",
                    table="incentives_capexcess",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="capexcess",
            constraint=models.UniqueConstraint(
                models.F("city"),
                models.F("case_number"),
                models.F("key"),
                condition=models.Q(("declined_by", None)),
                name="one_excess_per_cap",
            ),
        ),
        migrations.AddConstraint(
            model_name="capexcess",
            constraint=models.CheckConstraint(
                condition=models.Q(("declined_by", None), ("approved_by", None), _connector="OR"),
                name="excess_signed_or_declined",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearclose",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("closed_by", None)),
                    models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                    _connector="OR",
                ),
                name="close_names_who_closed_it",
            ),
        ),
        migrations.RunSQL(CHANGES, migrations.RunSQL.noop),
        migrations.RunSQL(CLOSES, migrations.RunSQL.noop),
        migrations.RunSQL(PRIVILEGES, migrations.RunSQL.noop),
    ]
