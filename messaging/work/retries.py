"""How long to wait before the next try."""

from random import Random

JITTER = 0.2


def delay(plan: tuple[float, ...], tries: int, *, random: Random) -> float:
    """Return the seconds to wait after `tries` failed ones (at least 1), up to a fifth more or less than planned.

    The last wait of the plan repeats; how long one goes on trying at all is the caller's to say.
    """
    planned = plan[min(tries, len(plan)) - 1]
    return planned * random.uniform(1 - JITTER, 1 + JITTER)
