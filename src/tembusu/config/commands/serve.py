"""``tembusu serve``: the site behind granian."""

from __future__ import annotations

import os
import socket

import click

from tembusu.config.application import Refused, application, end_with_parent

CHILD = "TEMBUSU_CHILD_OF_DEMO"
STOP_SECONDS = 15


def as_port(_context: click.Context, _option: click.Parameter, value: str) -> int:
    """Read the number of a port; whether it may be had is for ``check_port_free`` to say."""
    if not value.isdecimal():
        raise Refused(f"'{value}' is no port: choose a number from 1 to 65535.")
    return int(value)


port_option = click.option(
    "--port",
    callback=as_port,
    default="8000",
    show_default=True,
    envvar="PORT",
    help="Port to listen on.",
)


@click.command(short_help="Serve the site.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@port_option
@click.option("--workers", default=1, show_default=True, help="Web processes; one for each core.")
@click.option("--threads", default=4, show_default=True, help="Requests at once in each process.")
@click.option("--access-log", is_flag=True, help="Write a line for each request.")
def serve(host: str, port: int, workers: int, threads: int, access_log: bool) -> None:
    """Serve the site.

    Ends cleanly on Ctrl-C or SIGTERM: requests under way are answered first.
    """
    if os.environ.get(CHILD):
        end_with_parent()
    check_port_free(host, port)
    with application():
        check_in_step()
        run(host=host, port=port, workers=workers, threads=threads, access_log=access_log)


def check_in_step() -> None:
    """Refuse to serve a database that this version does not fit; follow the reference data's file."""
    from tembusu.config.application import close_connections
    from tembusu.config.commands.migrate import (
        check_not_newer,
        follow_reference_data,
        waiting_migrations,
    )

    check_not_newer()
    waiting = waiting_migrations()
    if waiting:
        raise Refused(f"{len(waiting)} migrations wait: run `tembusu migrate` first.")
    follow_reference_data()
    close_connections()


def check_port_free(host: str, port: int) -> None:
    """Refuse a port that another program listens on, or that this user may not have."""
    if not 1 <= port <= 65535:
        raise Refused(f"{port} is no port: choose one from 1 to 65535.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as problem:
        raise Refused(f"{host} is no address of this machine.") from problem
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(address)
        except PermissionError as problem:
            raise Refused(f"port {port} is kept for root: choose one above 1023.") from problem
        except OSError as problem:
            other = port + 1 if port < 65535 else 8000
            raise Refused(
                f"port {port} on {host} is in use: stop the other program, or choose another port "
                f"(PORT={other})."
            ) from problem


def run(*, host: str, port: int, workers: int, threads: int, access_log: bool) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "tembusu.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=access_log,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()
