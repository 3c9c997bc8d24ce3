from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0009_target_ranges_and_notes")]

    operations = [
        migrations.AlterField(
            model_name="registerentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("voucher", "voucher"),
                    ("title", "recognition or title"),
                    ("listing", "place on a list"),
                    ("status", "certificate or status"),
                    ("in_kind", "support in kind"),
                    ("investment", "investment or concession"),
                    ("waiver", "waiver"),
                    ("filing", "filing"),
                    ("nomination", "nomination"),
                    ("agreement", "agreed measures"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
    ]
