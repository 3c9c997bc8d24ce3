import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0004_determination_terms"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="determination",
            name="determination_approval",
        ),
        migrations.AddField(
            model_name="determination",
            name="explanation",
            field=models.JSONField(default=dict),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="determination",
            trigger=pgtrigger.compiler.Trigger(
                name="determination_approval",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."approved_by_id" IS NOT NULL AND (OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id") OR OLD."approved_at" IS DISTINCT FROM (NEW."approved_at") OR OLD."granted" IS DISTINCT FROM (NEW."granted") OR OLD."cuts" IS DISTINCT FROM (NEW."cuts") OR OLD."award_id" IS DISTINCT FROM (NEW."award_id") OR OLD."explanation" IS DISTINCT FROM (NEW."explanation")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="7fa903e384ac33c4da5b680f69e7b585bf79211d",
                    operation="UPDATE",
                    pgid="pgtrigger_determination_approval_a6ea4",
                    table="reviews_determination",
                    when="BEFORE",
                ),
            ),
        ),
    ]
