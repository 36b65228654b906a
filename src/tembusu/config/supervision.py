"""The demo's processes: the site and a worker, started together, ended together."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tembusu.config.application import Refused
from tembusu.config.commands.serve import CHILD

PATIENCE = 25.0  # seconds for a process to end by itself
READY = 60.0  # seconds for the site to answer
POLL = 0.1


@dataclass(frozen=True, slots=True)
class Child:
    """A running process of ours and where it writes what it has to say."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_words(self) -> str:
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it said nothing"


def start(name: str, arguments: Sequence[str], log: Path) -> Child:
    """Start a command of ours apart from the terminal, so that Ctrl-C reaches only us."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 our own command line
            [sys.executable, "-m", "tembusu.config.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, CHILD: "1"},
        )
    return Child(name, process, log)


@contextmanager
def together(commands: Sequence[tuple[str, Sequence[str]]], logs: Path) -> Iterator[list[Child]]:
    """Run several commands of ours while the body runs; end them all, gently, after it."""
    children: list[Child] = []
    try:
        for name, arguments in commands:
            children.append(start(name, arguments, logs / f"{name}.log"))
        yield children
    finally:
        end(children)


def end(children: Sequence[Child]) -> None:
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def wait_until_answers(host: str, port: int, children: Sequence[Child]) -> None:
    """Wait for the site's own answer to a request.

    :raises Refused: if a process ends before, or there is none in time
    """
    until = time.monotonic() + READY
    while time.monotonic() < until:
        check_alive(children)
        status = answer(host, port)
        if status and status < 500:
            return
        if status:
            raise Refused(f"the site answers with an error ({status}): see {children[0].log}.")
        time.sleep(POLL)
    raise Refused(f"the site did not answer in {READY:.0f} s: see {children[0].log}.")


def check_alive(children: Sequence[Child]) -> None:
    for child in children:
        if child.process.poll() is not None:
            raise Refused(
                f"the {child.name} process ended ({child.last_words()}): see {child.log}."
            )


def answer(host: str, port: int) -> int:
    """Return the HTTP status of the front page, or 0 while nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def watch(children: Sequence[Child]) -> None:
    """Return never; raise once a process ends by itself."""
    while True:
        check_alive(children)
        time.sleep(POLL * 5)
