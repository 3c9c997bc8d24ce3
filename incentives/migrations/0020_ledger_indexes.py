from django.db import migrations, models


class Migration(migrations.Migration):
    """The lists in their order, for each filter that they offer."""

    dependencies = [("incentives", "0014_budgeted_awards")]

    operations = [
        migrations.AddIndex(
            "ledgerentry",
            models.Index(fields=["city", "year", "-id"], name="ledger_by_year_posted"),
        ),
        migrations.AddIndex(
            "ledgerentry",
            models.Index(fields=["city", "approval_year", "-id"], name="ledger_by_year_approved"),
        ),
        migrations.AddIndex(
            "ledgerentry",
            models.Index(fields=["programme", "-id"], name="ledger_by_programme"),
        ),
        migrations.AddIndex(
            "ledgerentry",
            models.Index(fields=["bureau", "-id"], name="ledger_by_bureau"),
        ),
        migrations.AddIndex(
            "ledgerentry",
            models.Index(fields=["applicant", "-id"], name="ledger_by_applicant"),
        ),
    ]
