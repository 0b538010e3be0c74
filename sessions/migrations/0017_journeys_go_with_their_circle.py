"""A journey that a circle wrote goes with it, also while the circle is on it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('circle_sessions', '0016_busy_calendar'),
    ]

    operations = [
        migrations.AlterField(
            model_name='journeytaken',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='circle_sessions.journeyversion'),
        ),
        migrations.AlterField(
            model_name='leg',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='circle_sessions.journeyversion'),
        ),
    ]
