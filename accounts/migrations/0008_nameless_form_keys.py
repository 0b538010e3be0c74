from django.db import migrations, models


class Migration(migrations.Migration):
    """Form keys live two days: what stands in them names people, so none of it is taken over."""

    dependencies = [("accounts", "0007_domains_as_sent")]

    operations = [
        migrations.DeleteModel(name="FormKey"),
        migrations.CreateModel(
            name="FormKey",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField(default=b"")),
                ("on", models.DateField(db_index=True)),
            ],
        ),
    ]
