"""Actions count the calls that nobody answered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="action",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
