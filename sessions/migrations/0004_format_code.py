import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('circle_sessions', '0003_formats_fill'),
    ]
    operations = [
        migrations.AlterField(
            model_name='format',
            name='code',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
