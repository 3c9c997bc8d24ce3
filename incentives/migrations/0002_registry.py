"""What the city knows of its organisations, and the lists from which it was taken in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0001_users_and_parties"),
        ("incentives", "0001_programmes"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegistryRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("kind", models.CharField(max_length=30, verbose_name="kind")),
                (
                    "district",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="applicants.district",
                    ),
                ),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
                ("recognitions", models.JSONField(default=list, verbose_name="recognitions")),
                ("refreshed_at", models.DateTimeField(verbose_name="refreshed at")),
            ],
            options={
                "verbose_name": "registry record",
                "verbose_name_plural": "registry",
                "ordering": ["party_id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("party"), name="registry_once_per_city"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegistryImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.bureau",
                        verbose_name="bureau",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("facts", "organisations and facts"),
                            ("recognitions", "recognitions"),
                            ("awards", "awards of earlier years"),
                            ("balances", "opening balances of caps"),
                            ("credit", "parties with a bad credit record"),
                        ],
                        max_length=12,
                        verbose_name="what the list holds",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "source",
                    models.CharField(
                        help_text="Document or list it comes from, such as a number.",
                        max_length=300,
                        verbose_name="source",
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("previewed", "previewed"),
                            ("applied", "applied"),
                            ("discarded", "discarded"),
                        ],
                        default="previewed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("row_count", models.PositiveIntegerField(default=0, verbose_name="rows")),
                (
                    "fault_count",
                    models.PositiveIntegerField(default=0, verbose_name="rows with faults"),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="uploaded at"),
                ),
                (
                    "applied_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="applied by",
                    ),
                ),
                ("applied_at", models.DateTimeField(null=True, verbose_name="applied at")),
            ],
            options={
                "verbose_name": "registry import",
                "verbose_name_plural": "registry imports",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["city", "-id"], name="import_by_city")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"),
                        models.F("kind"),
                        models.F("sha256"),
                        condition=models.Q(("state", "applied")),
                        name="registry_file_applied_once",
                        violation_error_message="This file has been applied already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied_by", None),
                            models.Q(("applied_by", models.F("uploaded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="import_takes_two_people",
                        violation_error_message="Another person than the one who uploaded the list applies it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "applied"), _negated=True),
                            models.Q(
                                ("applied_at__isnull", False),
                                ("applied_by__isnull", False),
                                ("fault_count", 0),
                            ),
                            _connector="OR",
                        ),
                        name="import_applied_without_faults",
                        violation_error_message="A list with faults is not applied.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="rows",
                        to="incentives.registryimport",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="row")),
                ("values", models.JSONField(verbose_name="values")),
                ("problems", models.JSONField(default=dict, verbose_name="problems")),
            ],
            options={
                "verbose_name": "import row",
                "verbose_name_plural": "import rows",
                "ordering": ["of", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("of"), models.F("number"), name="import_row_once"
                    )
                ],
            },
        ),
    ]
