"""``tembusu worker``: takes jobs from the database's queue. Run as many as there is work for."""

from __future__ import annotations

import os

import click

from tembusu.config.application import application, end_with_parent
from tembusu.config.commands.serve import CHILD, check_in_step


@click.command(short_help="Do the queued work: imports, e-mails, deliveries.")
@click.option("--at-once", default=4, show_default=True, help="Jobs at once in this process.")
@click.option(
    "--patience",
    default=20.0,
    show_default=True,
    help="Seconds that a running job is given to end when the worker is stopped.",
)
@click.option("--until-empty", is_flag=True, help="End once no job waits.")
def worker(at_once: int, patience: float, until_empty: bool) -> None:
    """Do the queued work: imports, e-mails, deliveries.

    On Ctrl-C or SIGTERM takes no new job and waits for those that run; one that has not ended by
    then is taken up again by another worker.
    """
    if os.environ.get(CHILD):
        end_with_parent()
    with application():
        check_in_step()
        run(at_once=at_once, patience=patience, until_empty=until_empty)


def run(*, at_once: int, patience: float, until_empty: bool) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("procrastinate is not set up for Django")
    with app.replace_connector(connector.get_worker_connector()) as working:
        working.run_worker(
            concurrency=at_once,
            wait=not until_empty,
            shutdown_graceful_timeout=patience,
            install_signal_handlers=True,
        )
