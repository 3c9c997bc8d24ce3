"""What the database refuses about budgets: money without a change, and anything behind a close.

A budget begins empty. A change moves money within one city, and none in or out of a closed year.
Closing a year waits for whoever is writing into the ledger, so that nobody is behind it.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

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
CREATE FUNCTION huiqi_wait_for_writers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Whoever writes now ends first; whoever comes later finds the year closed.
    PERFORM huiqi_lock_pools(NEW.city_id);
    LOCK TABLE incentives_ledgerentry IN SHARE MODE;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_wait_for_writers BEFORE INSERT OR UPDATE ON incentives_yearclose
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION huiqi_wait_for_writers();
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0018_recoveries")]

    operations = [
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
        migrations.RunSQL(CHANGES, migrations.RunSQL.noop),
        migrations.RunSQL(CLOSES, migrations.RunSQL.noop),
    ]
