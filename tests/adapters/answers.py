"""A session for tests in which one answer, or one failure, stands for the whole outside world."""

from typing import Any

from adapters.http import Answer, HttpSession


class AnswersWith(HttpSession):
    """Answers every request alike and calls nobody."""

    def __init__(self, outcome: Answer | Exception) -> None:
        super().__init__()
        self._outcome = outcome

    def request(self, *_: Any, **__: Any) -> Answer:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome
