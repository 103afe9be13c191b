"""`python -m messaging.documents.examining DECLARED SECONDS BYTES PARENT`: a file comes in, a verdict goes out.

The verdict is a line of JSON; behind it stands the content to keep, if it is another one. Ends with 0 for a verdict.
"""

import json
import resource
import sys

from messaging.child import die_with_parent
from messaging.documents.examining.examine import examine
from messaging.documents.examining.outcome import Refused
from messaging.documents.kinds import Declared
from messaging.documents.limits import LARGEST
from messaging.documents.states import Refusal


def confine(*, seconds: int, memory: int) -> None:
    """Give up what looking into a file does not need: more time and memory, and writing files of any length."""
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def judge(content: bytes, declared: Declared) -> tuple[dict[str, str], bytes]:
    """Return the verdict as it is told, and the content that is to be kept in place of what came."""
    try:
        examined = examine(content, declared)
    except Refused as refused:
        return {"refused": refused.reason.value}, b""
    except MemoryError:
        return {"refused": Refusal.TOO_HEAVY.value}, b""
    return {"kind": examined.kind.value}, examined.content or b""


def main() -> None:
    """Read a file, look into it, tell."""
    declared, seconds, memory, parent = sys.argv[1:]
    die_with_parent(int(parent))
    confine(seconds=int(seconds), memory=int(memory))
    verdict, content = judge(sys.stdin.buffer.read(LARGEST + 1), Declared(declared))
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
