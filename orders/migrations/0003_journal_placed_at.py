"""Orders stand on the timeline on the day they were placed."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def tell_when(apps, schema_editor):
    entries = apps.get_model("activity", "Entry").objects.filter(
        subject_type="orders.salesorder", verb__in=["order.placed", "order.returned"]
    )
    own = apps.get_model("orders", "SalesOrder").objects.filter(pk=OuterRef("subject_id"))
    entries.update(happened_at=Subquery(own.values("placed_at")))


class Migration(migrations.Migration):
    dependencies = [("activity", "0002_happened_at"), ("orders", "0002_rhythm")]

    operations = [migrations.RunPython(tell_when, migrations.RunPython.noop, elidable=True)]
