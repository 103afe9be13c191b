"""The web server: granian's main process and its workers, each with many blocking threads for live streams.

The workers are forked by the main process, die with it, and are started again by it when they die.
"""

import gc
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from messaging.child import die_with_parent
from messaging.config import PREFIX, Config
from messaging.errors import BorgerdialogError
from messaging.web.stalled_bodies import StalledBodies

APPLICATION = "messaging.app:create_wsgi"
BACKLOG = 2048
HEAD_MILLISECONDS = 20_000
"""For a request's headers to arrive, and for an idle connection to wait for its next request."""
LARGEST_HEAD = 64 * 1024
FINISH_SECONDS = 10
"""For the requests under way when it is told to stop; live streams are cut after it."""
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def serve(config: Config, *, application: str = APPLICATION) -> None:
    """Serve `module:factory` until SIGTERM."""
    if config.web_workers > 1:
        _share_metrics(config)
    server = Granian(
        application,
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=config.web_workers,
        blocking_threads=config.web_threads,
        backlog=BACKLOG,
        backpressure=max(config.web_threads, BACKLOG // config.web_workers),
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS, max_buffer_size=LARGEST_HEAD),
        respawn_failed_workers=True,
        workers_kill_timeout=FINISH_SECONDS,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=partial(_load, application, main_process=os.getpid()), wrap_loader=False)


def _load(application: str, *, main_process: int) -> Callable[..., Any]:
    """Build the application in a worker. Its settings are read by then and leave the environment of the requests."""
    die_with_parent(main_process)
    module, factory = application.split(":")
    try:
        built = StalledBodies(getattr(import_module(module), factory)())
    except BorgerdialogError as error:
        sys.exit(f"borgerdialog: {error}")
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again and again makes single answers slow
    return built


def _share_metrics(config: Config) -> None:
    """Give the counters of several workers a folder in which they meet."""
    folder = config.data_folder / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[METRICS_FOLDER] = str(folder)


if __name__ == "__main__":
    serve(Config.from_environment(), application=sys.argv[1] if len(sys.argv) > 1 else APPLICATION)
