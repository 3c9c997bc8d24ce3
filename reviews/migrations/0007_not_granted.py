from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0006_sweep_standing")]

    operations = [
        migrations.AlterField(
            model_name="application",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("submitted", "waiting for acceptance"),
                    ("returned", "to be supplemented"),
                    ("accepted", "under review"),
                    ("proposed", "determination proposed"),
                    ("determined", "determined"),
                    ("checked", "checked by finance"),
                    ("publicity", "in publicity"),
                    ("awarded", "awarded"),
                    ("concluded", "concluded"),
                    ("not_accepted", "not accepted"),
                    ("refused", "not granted"),
                    ("withdrawn", "withdrawn"),
                ],
                default="draft",
                max_length=20,
                verbose_name="state",
            ),
        ),
    ]
