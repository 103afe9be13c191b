"""What a process that holds keys should not leave behind."""

import resource


def harden_process() -> None:
    """Forbid core files, for this process and its children: they would hold the keys in the clear."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
