"""Conversations stand on the timeline at the time they took place."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def tell_when(apps, schema_editor):
    entries = apps.get_model("activity", "Entry").objects.filter(
        subject_type="crm.communication", verb="communication.logged"
    )
    own = apps.get_model("crm", "Communication").objects.filter(pk=OuterRef("subject_id"))
    entries.update(happened_at=Subquery(own.values("happened_at")))


class Migration(migrations.Migration):
    dependencies = [("activity", "0002_happened_at"), ("crm", "0003_action_due")]

    operations = [migrations.RunPython(tell_when, migrations.RunPython.noop, elidable=True)]
