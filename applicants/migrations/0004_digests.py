import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0006_successor"),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="written at")),
                ("emailed_at", models.DateTimeField(null=True, verbose_name="e-mailed at")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "daily digest",
                "verbose_name_plural": "daily digests",
                "ordering": ["-id"],
            },
        ),
        migrations.RemoveIndex(
            model_name="notice",
            name="notice_outbox",
        ),
        migrations.RemoveIndex(
            model_name="notice",
            name="notice_digest",
        ),
        migrations.RemoveField(
            model_name="notice",
            name="digest",
        ),
        migrations.AddField(
            model_name="notice",
            name="email_mode",
            field=models.CharField(
                choices=[
                    ("each", "each as it comes"),
                    ("digest", "once a day, together"),
                    ("none", "none: only the inbox"),
                ],
                default="each",
                max_length=10,
                verbose_name="e-mail",
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="to",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="part_of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="notices",
                to="applicants.digest",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("email_mode", "each"), ("emailed_at", None)),
                fields=["id"],
                name="notice_outbox",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(
                    ("email_mode", "digest"), ("emailed_at", None), ("part_of", None)
                ),
                fields=["user", "id"],
                name="notice_digest",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("part_of__isnull", False)),
                fields=["part_of", "id"],
                name="notice_in_digest",
            ),
        ),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("emailed_at", None)), fields=["id"], name="digest_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.UniqueConstraint(
                models.F("user"), models.F("day"), name="one_digest_a_day"
            ),
        ),
    ]
