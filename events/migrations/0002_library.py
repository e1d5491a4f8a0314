"""Install the events that ship with Touchpoint."""

from django.db import migrations

from core.clock import database_now
from events.library import install


def forwards(apps, schema_editor):
    install(
        event_model=apps.get_model("events", "Event"),
        version_model=apps.get_model("events", "Version"),
        schedule_model=apps.get_model("events", "Schedule"),
        now=database_now(),
    )


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
