from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Left


class Migration(migrations.Migration):
    dependencies = [("reviews", "0011_scoring_rounds")]

    operations = [
        migrations.AddField(
            model_name="seal",
            name="mark",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The numbers of the bureau's letters begin with it.",
                max_length=12,
                verbose_name="mark",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="seal",
            name="image",
            field=models.BinaryField(default=b""),
        ),
        migrations.AlterField(
            model_name="seal",
            name="sha256",
            field=models.CharField(blank=True, max_length=64, verbose_name="SHA-256"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(Left("token", 12), name="letter_by_token_start"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="letter_reading_names_its_reader",
            ),
        ),
    ]
