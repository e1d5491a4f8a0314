"""Names sorted without regard to case and accents: the same order on every database."""

from django.conf import settings
from django.db import migrations, models

from core.text import fold

CHUNK = 1000


def fill(apps, schema_editor):
    write(apps.get_model("crm", "Customer"), lambda row: row.name)
    write(apps.get_model("crm", "Contact"), lambda row: f"{row.last_name} {row.first_name}")


def write(model, name_of):
    last = 0
    while rows := list(model.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        for row in rows:
            row.sort_name = fold(name_of(row))[:120]
        model.objects.bulk_update(rows, ["sort_name"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_user_letter_keys"),
        ("crm", "0004_journal_conversations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="contact",
            options={"ordering": ["sort_name", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="customer",
            options={
                "ordering": ["sort_name", "pk"],
                "permissions": [
                    ("assign_owner", "Can change the account owner"),
                    ("share_customer", "Can share a customer"),
                    ("archive_customer", "Can archive a customer"),
                    ("export_customer", "Can export customers"),
                    ("view_credit", "Can see credit limits and holds"),
                    ("change_credit", "Can change credit limits and holds"),
                ],
            },
        ),
        migrations.RemoveIndex(
            model_name="contact",
            name="contact_name",
        ),
        migrations.RemoveIndex(
            model_name="contact",
            name="contact_owner",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_name",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_owner",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_team",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_territory",
        ),
        migrations.AddField(
            model_name="contact",
            name="sort_name",
            field=models.CharField(default="", editable=False, max_length=120),
        ),
        migrations.AddField(
            model_name="customer",
            name="sort_name",
            field=models.CharField(default="", editable=False, max_length=120),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["sort_name", "id"], name="contact_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["owner", "sort_name", "id"], name="contact_owner"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["sort_name", "id"], name="customer_name"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["owner", "sort_name", "id"], name="customer_owner"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["team", "sort_name", "id"], name="customer_team"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["territory", "sort_name", "id"], name="customer_territory"),
        ),
    ]
