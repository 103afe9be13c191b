"""Having a file looked into by a process of its own, and reading its verdict.

Whatever happens to that process, there is a verdict: one that ran out of time or memory is a refusal, too.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from messaging.documents import limits
from messaging.documents.kinds import Declared, Kind
from messaging.documents.states import Refusal

ROOT = Path(__file__).resolve().parents[2]
_LONGEST_VERDICT = 200


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found: a kind, or why the file is refused. `content` is kept in place of what came, if it is not None"""

    kind: Kind | None = None
    refusal: Refusal | None = None
    content: bytes | None = field(repr=False, default=None)


def inspect(
    pieces: Iterable[bytes],
    *,
    declared: Declared,
    seconds: int = limits.INSPECTION_SECONDS,
    memory: int = limits.INSPECTION_BYTES,
) -> Verdict:
    """Let a file be looked into. What `pieces` itself raises goes through; the process is gone then."""
    process = subprocess.Popen(  # noqa: S603  # our own program and numbers
        [
            sys.executable,
            "-P",
            "-m",
            "messaging.documents.examining",
            declared,
            str(seconds),
            str(memory),
            str(os.getpid()),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"},  # none of our settings
        close_fds=True,
    )
    watch = threading.Timer(seconds, process.kill)
    watch.start()
    try:
        _feed(process, pieces)
        return _verdict(process)
    finally:
        watch.cancel()
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()


def _feed(process: "subprocess.Popen[bytes]", pieces: Iterable[bytes]) -> None:
    if process.stdin is None:
        raise ValueError("the process was started without an input")
    with suppress(BrokenPipeError):  # it has died; that is a verdict
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.close()


def _verdict(process: "subprocess.Popen[bytes]") -> Verdict:
    if process.stdout is None:
        raise ValueError("the process was started without an output")
    line = process.stdout.readline(_LONGEST_VERDICT)
    content = process.stdout.read(limits.LARGEST + 1)
    if process.wait() < 0:
        return Verdict(refusal=Refusal.TOO_HEAVY)  # killed: out of time, or out of what it may use
    if process.returncode != 0 or len(content) > limits.LARGEST:
        return Verdict(refusal=Refusal.UNREADABLE)
    told = json.loads(line)
    if "refused" in told:
        return Verdict(refusal=Refusal(told["refused"]))
    return Verdict(kind=Kind(told["kind"]), content=content or None)
