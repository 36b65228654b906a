"""In how many names and concepts a search word stands."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_as_the_registries_write_it"),
    ]

    operations = [
        migrations.AddField(
            model_name="searchword",
            name="n_named",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
