import django.db.models.deletion
from django.db import migrations, models

# What is planned already keeps its row: it learns what it is about, and its key the new way.
BACKFILL = """
UPDATE reviews_reminder r
   SET of_id = coalesce(r.task_id, r.application_id),
       city_id = a.city_id,
       stage = CASE WHEN r.remind_on > r.due_on THEN 'past' ELSE 'ahead' END,
       key = regexp_replace(r.key, '^review_overdue:', 'review_due.past:')
  FROM reviews_application a
 WHERE a.id = r.application_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0004_digests"),
        ("reviews", "0013_periods_and_audits"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="reminder", name="reminder_waiting"),
        migrations.AddField(
            model_name="reminder", name="of_id", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="reminder",
            name="city",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                to="applicants.city",
                verbose_name="city",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="stage",
            field=models.CharField(
                choices=[
                    ("ahead", "before the deadline"),
                    ("past", "after the deadline"),
                    ("leader", "escalated to the bureau's leader"),
                    ("office", "escalated to the coordinating office"),
                ],
                default="ahead",
                max_length=10,
                verbose_name="stage",
            ),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.AlterField(model_name="reminder", name="of_id", field=models.BigIntegerField()),
        migrations.AlterField(
            model_name="reminder",
            name="city",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.RESTRICT,
                to="applicants.city",
                verbose_name="city",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="application",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                to="reviews.application",
                verbose_name="case",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(
                choices=[
                    ("window_closing", "application window closing"),
                    ("supplement_due", "supplement due"),
                    ("review_due", "review due"),
                    ("commitment_due", "promised paper due"),
                    ("obligation_due", "obligation due"),
                    ("objection_due", "answer to an objection due"),
                    ("reconsideration_due", "reconsideration due"),
                    ("publicity_ended", "publicity ended"),
                    ("payment_due", "payment due"),
                    ("instalment_due", "instalment due"),
                    ("status_expiring", "register entry expiring"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("sent_at", None), ("stopped_at", None)),
                fields=["kind", "stage", "remind_on", "id"],
                name="reminder_waiting",
            ),
        ),
    ]
