"""Installing a checkout: what is done again, and what is told when it cannot be done."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from tembusu.config import prepare


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with locks, an environment's folder and nothing installed."""
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/app.lock", "requirements/dev.lock", "package-lock.json"):
        (tmp_path / name).write_text(f"{name} 1\n")
    site = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (tmp_path / ".venv" / "bin").mkdir()
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(prepare, "STAMPS", tmp_path / ".stamps")
    return tmp_path


@pytest.fixture
def done_steps(checkout, monkeypatch):
    """The steps that were performed, in order; each leaves what the real one would."""
    performed = []

    def make_venv():
        performed.append("venv")
        (checkout / ".venv" / "bin" / "python").touch()

    def install_npm():
        performed.append("npm")
        (checkout / "node_modules").mkdir(exist_ok=True)

    monkeypatch.setattr(prepare, "make_venv", make_venv)
    monkeypatch.setattr(prepare, "install_python", lambda lock: performed.append(lock.name))
    monkeypatch.setattr(prepare, "install_npm", install_npm)
    return performed


def test_the_second_time_nothing_is_installed(done_steps):
    prepare.prepare("app")
    assert done_steps == ["venv", "app.lock", "npm"]
    prepare.prepare("app")
    assert done_steps == ["venv", "app.lock", "npm"]


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("requirements/app.lock", ["venv", "app.lock"]),
        ("package-lock.json", ["npm"]),
        ("requirements/dev.lock", []),
    ],
)
def test_a_changed_lock_is_followed(checkout, done_steps, changed, again):
    prepare.prepare("app")
    done_steps.clear()
    (checkout / changed).write_text("2\n")
    prepare.prepare("app")
    assert done_steps == again


def test_what_the_tests_need_holds_what_the_demo_needs(done_steps):
    prepare.prepare("dev")
    done_steps.clear()
    prepare.prepare("app")
    assert done_steps == []


def test_an_environment_that_was_removed_is_made_again(checkout, done_steps):
    prepare.prepare("app")
    done_steps.clear()
    (checkout / ".venv" / "bin" / "python").unlink()
    prepare.prepare("app")
    assert done_steps == ["venv", "app.lock"]


def test_the_command_is_put_in_the_environment(checkout, done_steps):
    prepare.prepare("app")
    command = checkout / ".venv" / "bin" / "tembusu"
    assert os.access(command, os.X_OK)
    assert command.read_text().startswith(f"#!{checkout / '.venv' / 'bin' / 'python'}\n")
    links = list((checkout / ".venv").rglob("tembusu-src.pth"))
    assert [link.read_text() for link in links] == [f"{checkout / 'src'}\n"]


def refuse(capsys, *arguments):
    assert prepare.main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("tembusu: ")
    assert told.count("\n") == 1
    return told


def test_too_little_room_is_told_before_anything_is_installed(done_steps, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "NEEDED_BYTES", 10**18)
    assert "free some space" in refuse(capsys, "app")
    assert done_steps == []


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_checkout_of_another_user_is_told_as_one(done_steps, monkeypatch, capsys, number):
    def refused(kind):
        raise OSError(number, os.strerror(number), "clone/.stamps")

    monkeypatch.setattr(prepare, "prepare", refused)
    assert prepare.main(["app"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("tembusu: clone/.stamps can't be read or written: run as the user")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("present", "told"),
    [
        ({}, "npm was not found: install Node.js 20"),
        ({"npm": "exit 0"}, "node was not found: install Node.js 20"),
        ({"npm": "exit 0", "node": "echo v18.2.0"}, "20 or newer is needed, and v18.2.0 was found"),
        (
            {"npm": "echo 'npm error code EINTEGRITY' >&2; exit 1", "node": "echo v20.1.0"},
            "`npm ci` failed (npm error code EINTEGRITY): see var/log/prepare.log",
        ),
        (
            {"npm": "echo 'ENOSPC: no space left' >&2; exit 1", "node": "echo v20.1.0"},
            "the disk is full",
        ),
    ],
)
def test_a_missing_tool_is_named(checkout, done_steps, monkeypatch, capsys, present, told):
    monkeypatch.setattr(prepare, "install_npm", REAL_INSTALL_NPM)
    tools = checkout / "tools"
    tools.mkdir()
    for name, body in present.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    assert told in refuse(capsys, "app")


REAL_INSTALL_NPM = prepare.install_npm


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Collecting x\nERROR: hashes differ\n", "ERROR: hashes differ"),
        ("one\ntwo\n", "one"),
        ("", "no reason given"),
    ],
)
def test_the_reason_is_the_tool_s_own(said, reason):
    assert prepare.reason(said) == reason


def test_it_uses_the_standard_library_alone():
    """It runs before anything is installed, so an import of ours or of others would fail."""
    import ast
    import sys

    tree = ast.parse(Path(prepare.__file__).read_text())
    named = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert named <= sys.stdlib_module_names


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_without_python_says_what_to_install(tmp_path):
    import subprocess

    (tmp_path / "sh").symlink_to("/bin/sh")
    done = subprocess.run(  # noqa: S603
        [shutil.which("make"), "demo"],
        cwd=Path(prepare.__file__).resolve().parents[3],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Python 3.11 or newer was not found: install it" in done.stderr
