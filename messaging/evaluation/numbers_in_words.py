"""Figures as the report's sentences and tables have them, in Danish."""

from math import isinf

from messaging.evaluation.intervals import Estimate
from messaging.evaluation.verdict import percent
from messaging.trial.models import Arm

__all__ = ["ARMS_IN_TABLES", "WHY_HIDDEN", "change", "count", "hidden", "p_value", "percent", "points", "reduction"]

ARMS_IN_TABLES = {Arm.SMS: "SMS", Arm.APP: "App", Arm.CONTROL: "Kontrol"}
hidden = "–"
"""In place of a figure that is not shown because it could point to somebody."""
WHY_HIDDEN = f"{hidden} står, hvor færre end fem tæller med, eller færre end tre sagsbehandlere står bag."


def count(number: int) -> str:
    """Return `12.345`."""
    return f"{number:,}".replace(",", ".")


def reduction(estimate: Estimate) -> str:
    """Return a relative effect: `21 % færre (95 %-interval 8,0 % til 33 %)`, directions where they differ."""
    level = f"{estimate.level * 100:.4g}".replace(".", ",")
    ends = (estimate.low, estimate.high)
    told = [percent(end) if estimate.low >= 0 and not isinf(estimate.high) else change(end) for end in ends]
    return f"{change(estimate.value)} ({level} %-interval {told[0]} til {told[1]})"


def change(share: float) -> str:
    """Return `21 % færre`, `3,0 % flere`, or that no bound is known."""
    if isinf(share):
        return "uden grænse"
    return f"{percent(abs(share))} {'færre' if share >= 0 else 'flere'}"


def points(estimate: Estimate) -> str:
    """Return a difference of rates: `−1,8 procentpoint (−3,1 til −0,4)`."""
    return f"{_signed(estimate.value)} procentpoint ({_signed(estimate.low)} til {_signed(estimate.high)})"


def p_value(p: float) -> str:
    """Return `p = 0,012`."""
    return ("p < 0,001" if p < 0.001 else f"p = {p:.3f}").replace(".", ",")


def _signed(share: float) -> str:
    if isinf(share):
        return "uden grænse"
    value = f"{share * 100:+.1f}".replace(".", ",").replace("-", "−")
    return "0,0" if value[1:] == "0,0" else value
