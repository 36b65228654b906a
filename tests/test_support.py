"""The gauges and what the fixtures promise."""

from __future__ import annotations

import psycopg
import pytest

from tests.support import measure, templates


@pytest.mark.parametrize(
    ("values", "fraction", "expected"),
    [
        ([1], 0.95, 1),
        (range(1, 101), 0.95, 95),
        (range(1, 101), 0.5, 50),
        ([3, 1, 2], 1.0, 3),
        ([5, 5, 900], 0.5, 5),
    ],
)
def test_a_percentile_is_one_of_the_values(values, fraction, expected):
    assert measure.percentile(values, fraction) == expected


def test_a_percentile_of_nothing_is_refused():
    with pytest.raises(ValueError, match="of nothing"):
        measure.percentile([], 0.5)


def test_a_function_is_measured_without_its_decorators():
    source = "@decorated\n@twice\ndef one():\n    return 1\n\nclass C:\n    def two(self): ...\n"
    assert sorted(measure.function_sizes(source)) == [1, 2]


def test_tests_run_as_the_application_s_role(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('is_superuser')")
        assert cursor.fetchone() == ("tembusu_app", "off")


def test_a_fresh_database_is_another_one_and_commits_for_real(fresh_database, owner_connection):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (fresh_database,)
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('x', 'y')")
    seen = owner_connection.execute("SELECT 1 FROM django_content_type WHERE app_label = 'x'")
    assert seen.fetchone() == (1,)
    assert owner_connection.info.user == "tembusu_owner"


def test_what_a_fresh_database_held_is_gone(db):
    from django.contrib.contenttypes.models import ContentType

    assert not ContentType.objects.filter(app_label="x").exists()


def test_the_template_s_name_follows_the_schema_s_files(tmp_path, monkeypatch):
    before = templates.schema_digest()
    assert templates.schema_digest() == before
    model = tmp_path / "src" / "tembusu" / "room" / "models.py"
    model.parent.mkdir(parents=True)
    monkeypatch.setattr(templates, "ROOT", tmp_path)
    digests = set()
    for text in ("a = 1", "a = 2"):
        model.write_text(text)
        digests.add(templates.schema_digest())
    assert len(digests) == 2


def test_clones_of_a_process_that_is_gone_are_dropped(postgres_server, template_database):
    left = f"{templates.CLONE}4194999_left"  # above the largest process number of Linux
    templates.clone(postgres_server, template_database, left)
    templates.drop_leftovers(postgres_server)
    with psycopg.connect(postgres_server.superuser_url) as connection:
        assert left not in templates.names_like(connection, templates.CLONE)
