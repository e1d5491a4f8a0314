"""When things happened, beside when they were entered; the apps that know better say so in theirs."""

from django.db import migrations, models
from django.db.models import F


def copy_instants(apps, schema_editor):
    apps.get_model("activity", "Entry").objects.update(happened_at=F("at"))


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="happened_at",
            field=models.DateTimeField(null=True),
            preserve_default=False,
        ),
        migrations.RunPython(copy_instants, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(model_name="entry", name="happened_at", field=models.DateTimeField()),
        migrations.RemoveIndex(model_name="entry", name="entry_timeline"),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=~models.Q(customer_id=None),
                fields=["customer_id", "-happened_at", "-id"],
                name="entry_timeline",
            ),
        ),
    ]
