"""History can't be changed by the application, whatever it sends to the database."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from tembusu.foundation.core import audit, ledger
from tembusu.foundation.core.tests.cast import AT, person

pytestmark = pytest.mark.django_db


def test_the_tests_run_as_the_applications_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("tembusu_app", False)


def test_the_applications_role_has_no_right_over_history():
    assert ledger.weaknesses(connection) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people_personrowhistory SET full_name = 'Nobody'",
        "DELETE FROM people_personrowhistory",
        "TRUNCATE people_personrowhistory",
        "INSERT INTO people_personrowhistory (pgh_label) VALUES ('insert')",
        "UPDATE core_auditevent SET by = 'Nobody'",
        "DELETE FROM core_auditevent",
        "TRUNCATE core_auditevent",
        "SET session_replication_role = replica",
        "ALTER TABLE people_person DISABLE TRIGGER ALL",
        "DROP TABLE core_auditevent",
        "ALTER TABLE people_personrowhistory OWNER TO tembusu_app",
        "CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid"
        " AS 'SELECT NULL::uuid' LANGUAGE sql",
        "SET ROLE tembusu_owner",
        "DELETE FROM django_migrations",
    ],
)
def test_raw_sql_against_history_is_refused(statement):
    amara = person()
    audit.record("core.test.done", on=amara, by=amara, at=AT)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_write_from_outside_any_act_is_recorded_under_the_databases_role():
    amara = person()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET full_name = 'Mei Lim' WHERE id = %s", [amara.pk])
        cursor.execute(
            "SELECT pgh_label, full_name, pgh_role, pgh_context FROM people_personrowhistory"
            " WHERE pgh_obj_id = %s ORDER BY pgh_id",
            [amara.pk],
        )
        assert cursor.fetchall() == [
            ("insert", "Mei Tan", "tembusu_app", None),
            ("update", "Mei Lim", "tembusu_app", None),
        ]
