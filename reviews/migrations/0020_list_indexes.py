from django.db import migrations, models


class Migration(migrations.Migration):
    """The lists in their order, for each filter that they offer."""

    dependencies = [("reviews", "0017_reminders_of_every_kind")]

    operations = [
        migrations.AddIndex(
            "application",
            models.Index(fields=["due_on", "id"], name="case_in_order"),
        ),
        migrations.AddIndex(
            "application",
            models.Index(fields=["state", "due_on", "id"], name="case_by_state"),
        ),
        migrations.AddIndex(
            "application",
            models.Index(fields=["programme", "due_on", "id"], name="case_by_programme"),
        ),
        migrations.AddIndex(
            "application",
            models.Index(fields=["handling_bureau", "due_on", "id"], name="case_by_bureau"),
        ),
    ]
