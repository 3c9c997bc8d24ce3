import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0007_chain"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="party",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="party",
            name="update_update",
        ),
        migrations.AddField(
            model_name="party",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="predecessors",
                to="applicants.party",
                verbose_name="goes on as",
            ),
        ),
        migrations.AddField(
            model_name="partyevent",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="applicants.party",
                verbose_name="goes on as",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "applicants_partyevent" ("address", "created_at", "district_id", "ended_on", "id", "identity_encrypted", "identity_hmac", "identity_last4", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "successor_id", "uscc") VALUES (NEW."address", NEW."created_at", NEW."district_id", NEW."ended_on", NEW."id", NEW."identity_encrypted", NEW."identity_hmac", NEW."identity_last4", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."successor_id", NEW."uscc"); RETURN NULL;',
                    hash="68be74d7cb91eecb209aae0cce57b9e3c0c993d5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0b8e5",
                    table="applicants_party",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "applicants_partyevent" ("address", "created_at", "district_id", "ended_on", "id", "identity_encrypted", "identity_hmac", "identity_last4", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "successor_id", "uscc") VALUES (NEW."address", NEW."created_at", NEW."district_id", NEW."ended_on", NEW."id", NEW."identity_encrypted", NEW."identity_hmac", NEW."identity_last4", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."successor_id", NEW."uscc"); RETURN NULL;',
                    hash="3fedbb3a9e604429117513f82685510bffc52d0c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_059b1",
                    table="applicants_party",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("successor", None),
                    models.Q(
                        ("ended_on__isnull", False),
                        models.Q(("successor", models.F("id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="party_goes_on_once_ended",
            ),
        ),
    ]
