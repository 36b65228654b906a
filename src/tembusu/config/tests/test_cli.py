"""The command line: what is listed, and that each refusal is one line without a traceback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tembusu.config import application, cli, environment, health
from tembusu.config.application import Refused
from tembusu.config.commands import demo, doctor, migrate, serve

ROOT = Path(__file__).resolve().parents[4]


def run(*arguments, **environ):
    """Run the command line as a person would, in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TEMBUSU_", "DATABASE_"))}
    return subprocess.run(  # noqa: S603 our own command line
        [sys.executable, "-m", "tembusu.config.cli", *arguments],
        env={**clean, "PYTHONPATH": str(ROOT / "src"), **environ},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_summary_in_the_table_is_the_command_s_own(name):
    command = cli.tembusu.get_command(click.Context(cli.tembusu), name)
    assert command is not None
    assert command.name == name
    assert (command.short_help or command.get_short_help_str(100)) == cli.COMMANDS[name].summary


def test_help_lists_every_command_and_imports_none_of_them():
    asked = [sys.executable, "-X", "importtime", "-m", "tembusu.config.cli", "--help"]
    told = subprocess.run(  # noqa: S603 our own command line
        asked,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(name in told.stdout for name in cli.COMMANDS)
    for heavy in ("django", "psycopg", "tembusu.config.commands"):
        assert f" {heavy}\n" not in told.stderr


def test_an_unknown_command_is_refused():
    assert CliRunner().invoke(cli.tembusu, ["fly"]).exit_code == 2


PRODUCTION = {"TEMBUSU_PRODUCTION": "1"}
NO_SERVER = {"DATABASE_URL": "postgresql://x:y@127.0.0.1:1/z"}


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (["serve"], PRODUCTION, "refused in production: set DATABASE_URL"),
        (["migrate"], PRODUCTION, "refused in production: set DATABASE_URL"),
        (["demo"], PRODUCTION, "TEMBUSU_SECRET_KEY must be set"),
        (["serve"], {"DATABASE_URL": "mysql://x"}, "must begin with postgresql://"),
        (["serve"], NO_SERVER, "the database does not answer"),
        (["backup", "x"], NO_SERVER, "the database does not answer"),
        (["restore", "x"], NO_SERVER, "the database does not answer"),
        (["demo-reset"], NO_SERVER, "only the embedded database is ever removed"),
        (["serve", "--port", "99999"], {}, "99999 is no port"),
        (["serve", "--port", "abc"], {}, "'abc' is no port: choose a number"),
        (["demo"], {"PORT": "8oo1"}, "'8oo1' is no port"),
        (["serve", "--host", "no.such.host.invalid"], {}, "is no address of this machine"),
        (["static"], {"TEMBUSU_UPLOAD_LIMIT_MIB": "many"}, "settings: "),
    ],
)
def test_a_refusal_is_one_line(arguments, environ, told):
    done = run(*arguments, **environ)
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.startswith("tembusu: ")
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_names_another():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=f"port {port} .* is in use: .*PORT={port + 1}"):
            serve.check_port_free("127.0.0.1", port)
    serve.check_port_free("127.0.0.1", port)


def test_too_little_room_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "ROOM", 10**18)
    with pytest.raises(Refused, match="MiB are needed: free some space"):
        demo.check_room(tmp_path / "data")


@pytest.mark.parametrize("number", [28, 122])
def test_a_full_disk_is_told_in_one_line(number):
    with pytest.raises(Refused, match="the disk is full"), application.told_plainly():
        raise OSError(number, "No space left on device")


def test_a_file_of_another_user_is_told_in_one_line():
    told = "var can't be read or written: run as the user"
    with pytest.raises(Refused, match=told), application.told_plainly():
        raise PermissionError(13, "Permission denied", "var")


def test_another_trouble_of_the_system_is_not_hidden():
    with pytest.raises(FileNotFoundError), application.told_plainly():
        raise FileNotFoundError(2, "gone")


def test_the_database_s_full_disk_is_told_in_one_line():
    from django.db import OperationalError

    with pytest.raises(Refused, match="the disk is full"), application.told_plainly():
        raise OperationalError("could not extend file: No space left on device")


def test_a_second_ctrl_c_does_not_break_off_the_stopping():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        with pytest.raises(KeyboardInterrupt):
            demo._interrupt(signal.SIGINT, None)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)


def test_a_step_shows_its_name_its_seconds_and_its_note(capsys):
    with demo.step("Schema") as note:
        note("3 migrations")
    assert capsys.readouterr().out.split() == ["Schema", "0.0", "s", "3", "migrations"]


def test_accounts_are_shown_in_columns(capsys):
    demo.show_accounts([("amara@demo.example", "pw", "monitor"), ("bo@x.example", "pw", "lead")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].index("role") == lines[1].index("monitor") == lines[2].index("lead")


# -- migrations ------------------------------------------------------------------------------------


def test_a_migrated_database_waits_for_nothing(db):
    assert migrate.waiting_migrations() == []
    assert migrate.unknown_migrations() == []


def test_a_database_of_a_newer_version_is_refused(fresh_database, owner_connection):
    owner_connection.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_later', now())"
    )
    owner_connection.commit()
    with pytest.raises(Refused, match=r"has had core\.9999_later, which this one does not know"):
        migrate.check_not_newer()


def test_a_migration_that_fails_is_named_with_its_reason():
    import io

    from django.db import ProgrammingError

    said = io.StringIO("  Applying core.0001_initial... OK\n  Applying core.0002_more...")
    with (
        pytest.raises(Refused, match=r"migration core\.0002_more failed \(relation exists\); noth"),
        migrate._told_plainly(said),
    ):
        raise ProgrammingError("relation exists\nLINE 1: ...")


# -- doctor ----------------------------------------------------------------------------------------


@pytest.fixture
def server(postgres_server, fresh_database):
    from dataclasses import replace

    return replace(
        postgres_server,
        app_url=postgres_server.url("app", database=fresh_database),
        owner_url=postgres_server.url("owner", database=fresh_database),
    )


def finding(server, name):
    return next(found for found in health.examine(server) if found.name == name)


def test_a_sound_database_has_nothing_to_mend_but_the_worker(server):
    wrong = {found.name for found in health.examine(server) if not found.is_well}
    assert wrong <= {"worker", "static files"}
    assert "worker" in wrong


@pytest.mark.parametrize(
    ("harm", "name", "told"),
    [
        ("GRANT UPDATE ON core_auditevent TO tembusu_app", "history", "UPDATE on core_auditevent"),
        (
            "GRANT TRUNCATE ON core_auditevent TO tembusu_app",
            "history",
            "TRUNCATE on core_auditevent",
        ),
        ("DELETE FROM django_migrations WHERE app = 'sessions'", "schema", "1 migrations wait"),
        (
            "INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_x', now())",
            "schema",
            "has had core.9999_x",
        ),
    ],
)
def test_the_doctor_finds(harm, name, told, server, owner_connection):
    assert finding(server, name).is_well
    owner_connection.execute(harm)
    owner_connection.commit()
    found = finding(server, name)
    assert told in found.told
    assert found.mend


def test_the_doctor_finds_a_missing_extension(server, postgres_server, fresh_database):
    import psycopg

    with psycopg.connect(postgres_server.url("superuser", database=fresh_database)) as superuser:
        superuser.execute("DROP EXTENSION unaccent")
    found = finding(server, "extensions")
    assert (found.told, found.mend) == ("3 of 4", "as superuser: CREATE EXTENSION unaccent")


def test_the_doctor_finds_a_living_worker(server):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM procrastinate_register_worker_v1()")
    assert finding(server, "worker").told == "1 alive, 0 jobs wait"


def test_the_doctor_finds_jobs_that_wait_too_long(server, owner_connection):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM procrastinate_register_worker_v1()")
    job = owner_connection.execute(
        "INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('x', 'jobs') RETURNING id"
    ).fetchone()
    owner_connection.execute(
        "UPDATE procrastinate_events SET at = now() - interval '1 hour' WHERE job_id = %s", job
    )
    owner_connection.commit()
    found = finding(server, "worker")
    assert found.told == "1 alive, 1 jobs wait, 1 of them longer than 15 minutes"
    assert found.mend == "run more workers"


def test_the_doctor_finds_an_application_that_owns_the_tables(server):
    from dataclasses import replace

    found = health.check_roles(replace(server, app_url=server.owner_url))
    assert "owns the tables" in found.told
    assert found.mend


def test_without_a_database_the_rest_is_looked_at(server):
    from dataclasses import replace

    found = health.examine(replace(server, app_url=NO_SERVER["DATABASE_URL"]))
    assert "refused" in next(f for f in found if f.name == "database").told
    assert {"stored files", "field keys", "disk", "e-mail"} <= {f.name for f in found}


def test_keys_that_others_can_read_are_found(server, settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    assert "is missing" in finding(server, "field keys").told
    (tmp_path / "field.keys").write_text("key")
    (tmp_path / "field.keys").chmod(0o644)
    assert finding(server, "field keys").mend == f"chmod 600 {tmp_path / 'field.keys'}"


def test_a_mail_server_that_does_not_answer_is_found(server, settings):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", nobody.getsockname()[1]
        settings.EMAIL_USE_SSL = False
        assert "does not answer" in finding(server, "e-mail").told


def test_stored_files_that_cannot_be_written_are_found(server, settings, tmp_path):
    (tmp_path / "in-the-way").write_text("")
    settings.FILES_ROOT = tmp_path / "in-the-way" / "files"
    assert "cannot be written" in finding(server, "stored files").told


def test_findings_are_shown_with_how_to_mend_them(capsys):
    doctor.show([health.Finding("disk", "1 GiB free"), health.Finding("mail", "no", "do this")])
    told = capsys.readouterr().out
    assert "WRONG  mail  no" in told
    assert "to mend: do this" in told
    assert "1 of 2 checks found something wrong." in told


def test_settings_that_are_wrong_are_all_named(monkeypatch):
    monkeypatch.setenv("TEMBUSU_PRODUCTION", "1")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    environment.read.cache_clear()
    try:
        with pytest.raises(Refused, match=r"TEMBUSU_SECRET_KEY .*; DATABASE_URL must be set"):
            application.read_environment()
    finally:
        environment.read.cache_clear()
