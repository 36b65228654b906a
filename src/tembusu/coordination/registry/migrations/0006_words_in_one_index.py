"""What a study says, and how strongly, in one index: a search looks both up at once.

Every eighth study is indexed once more, apart: what that tells is told soon, and about all of them.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.lookups
from django.db import migrations, models


def index_of_words(name: str, condition: models.Q | None = None) -> migrations.AddIndex:
    return migrations.AddIndex(
        model_name="studyindex",
        index=django.contrib.postgres.indexes.GinIndex(
            models.F("document"),
            models.Func(
                models.F("document"),
                function="registry_impacts",
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
            condition=condition,
            fastupdate=True,
            gin_pending_list_limit=1024,
            name=name,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_words_in_names"),
    ]

    operations = [
        index_of_words("index_words"),
        index_of_words(
            "index_words_sampled",
            models.Q(django.db.models.lookups.Exact(models.F("study") % 8, 0)),
        ),
        migrations.RemoveIndex(model_name="studyindex", name="index_document"),
        migrations.RemoveIndex(model_name="studyindex", name="index_impacts"),
    ]
