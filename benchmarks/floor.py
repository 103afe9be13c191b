"""The yardstick F: bare Flask, JSON of ten fields, one INSERT and its commit by psycopg; and beside it a bare hello.

python -m benchmarks.floor PORT    (the database's connection string in FLOOR_DATABASE)
"""

import os
import sys
import threading
import uuid

import psycopg
from flask import Flask, request
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from messaging.web_server import BACKLOG

WORKERS = 2
THREADS = 4
DATABASE = "FLOOR_DATABASE"

TABLE = """
CREATE TABLE floor (
    id uuid PRIMARY KEY, provider_id text NOT NULL, account text NOT NULL, sender text NOT NULL,
    recipient text NOT NULL, body text NOT NULL, segments integer NOT NULL, media integer NOT NULL,
    country text NOT NULL, received_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX ON floor (account, provider_id);
CREATE INDEX ON floor (sender, received_at);
"""
FIELDS = ("id", "provider_id", "account", "sender", "recipient", "body", "segments", "media", "country", "received_at")
INSERT = f"INSERT INTO floor ({', '.join(FIELDS)}) VALUES ({', '.join(f'%({name})s' for name in FIELDS)})"


def create() -> Flask:
    """Build the application; each thread has its own connection."""
    app = Flask("floor")
    local = threading.local()

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.post("/floor")
    def insert() -> dict[str, str]:
        row = request.get_json()
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(os.environ[DATABASE], autocommit=True)
        local.connection.execute(INSERT, row)
        return {"stored": row["id"]}

    return app


def example(*, text: str) -> dict[str, str | int]:
    """One row as it is posted."""
    return {
        "id": str(uuid.uuid4()),
        "provider_id": f"SM{uuid.uuid4().hex}",
        "account": "AC" + "0" * 32,
        "sender": f"+45209{uuid.uuid4().int % 100_000:05}",
        "recipient": "+4592000000",
        "body": text,
        "segments": 1,
        "media": 0,
        "country": "DK",
        "received_at": "2027-03-02T09:00:00+00:00",
    }


def main() -> None:
    server = Granian(
        "benchmarks.floor:create",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=WORKERS,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        log_level=LogLevels.error,
    )
    server.serve()


if __name__ == "__main__":
    main()
