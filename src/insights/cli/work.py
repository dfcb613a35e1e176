"""`insights work`: serve requests on demand, and collect batches."""

import signal
from collections import Counter
from threading import Event
from typing import Annotated

import typer

from insights import settings as configuration
from insights.cli import context
from insights.cli.output import DatabaseOption, JsonOption, emit, note
from insights.db.embedded import database_url
from insights.db.requests import Request
from insights.pipeline import job as jobs
from insights.pipeline.serving import Service


def command(
    job: Annotated[
        str, typer.Option("--job", metavar="NAME", help="The job that serves a request; or a file that ends in .toml.")
    ] = "regenerate",
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="Requests served at a time.")] = 4,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve requests on demand within seconds, and collect finished batches, until SIGTERM or Ctrl-C.

    The app asks with the SQL function request_insights(user_id); see docs/insights.md. What is in hand at a SIGTERM is
    brought to its end, and the exit code is 0.

    Exit codes: 2 a setting is wrong, 4 the database or the endpoint could not be reached.

    Examples:

        insights work

        insights work --at-once 8 --job my-regenerate.toml
    """
    settings = configuration.load()
    what = jobs.read(job)
    stop = Event()
    served: Counter[str] = Counter()

    def ask_to_stop(*_: object) -> None:
        stop.set()

    def told(request: Request, ended: str) -> None:
        served[ended.partition(":")[0]] += 1
        note(f"{request.user_id}: {ended}")

    service = Service(
        database_url(settings, database),
        what,
        context.now,
        endpoint=context.endpoint(settings),
        at_once=at_once,
        on_served=told,
        stop=stop,
    )
    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        note("Waiting for requests.")
        service.serve()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    emit({"served": dict(served)}, as_json=as_json, render=lambda _: note(f"Served: {served.total()}."))
