"""Chaining until nothing waits."""

from messaging.audit.chaining import Chainer


def chain_all(chainer: Chainer) -> list[bytes]:
    """Chain until nothing waits; return the signed heads in the order in which they were made."""
    signed: list[bytes] = []
    while True:
        done = chainer.chain()
        signed += [done.head] if done.head else []
        if not done.entries:
            return signed
