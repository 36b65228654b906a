"""How strongly a study's names and concepts say each of their words (see ``rules.impacts``)."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

# A word said n times weighs 1 + 1/4 + … + 1/n², as in ``ts_rank``; beyond 15 times nothing is added.
SUMS = (
    "0,1,1.25,1.3611,1.4236,1.4636,1.4914,1.5118,1.5274,1.5398,1.5498,1.558,1.565,1.5709,1.576,1.5804"
)
FLOORS = (
    "0.6,1,1.15,1.25,1.3,1.35,1.3625,1.375,1.3875,1.4,1.4125,1.425,1.4375,1.45,1.4625,1.475,1.4875,"
    "1.5,1.5125,1.525,1.5375,1.55"
)
CREATE = f"""
CREATE FUNCTION registry_impacts(document tsvector) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT array_to_tsvector(array_agg(lexeme || chr(96 + step)))
FROM unnest(ts_filter(document, '{{a,b}}')) AS found
CROSS JOIN LATERAL (SELECT cardinality(array_positions(weights, 'A')) AS n_a,
                           cardinality(positions) AS n,
                           '{{{SUMS}}}'::float8[] AS sums) AS counted
CROSS JOIN LATERAL generate_series(1, greatest(1, width_bucket(
    0.4 * sums[least(n_a, 15) + 1] + 0.6 * sums[least(n, 15) + 1], '{{{FLOORS}}}'::float8[]))) AS step
$$
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_what_is_typed_is_kept")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION registry_impacts(tsvector)"),
        migrations.RemoveIndex(model_name="studyindex", name="index_names"),
        migrations.AddIndex(
            model_name="studyindex",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("document"),
                    function="registry_impacts",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                fastupdate=True,
                gin_pending_list_limit=1024,
                name="index_impacts",
            ),
        ),
    ]
