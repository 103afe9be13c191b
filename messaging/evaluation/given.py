"""What a chapter of the report is given to be drawn from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from messaging.errors import NotAllowed
from messaging.evaluation.judging import Judgement
from messaging.evaluation.loading import Loaded
from messaging.evaluation.plan import Plan
from messaging.trial.models import Trial


@dataclass(frozen=True, kw_only=True)
class Given:
    """`session` reads the service's own database. `through`: the last month that is reported (`2028-01`), None for all.

    `judgement` is None until the arms may be compared: it has not even been made.
    """

    session: Session
    trial: Trial
    at: datetime
    through: str | None
    loaded: Loaded
    plan: Plan
    judgement: Judgement | None

    @property
    def compares(self) -> bool:
        """Whether the arms are compared."""
        return self.judgement is not None

    @property
    def judged(self) -> Judgement:
        """The judgement. Raises NotAllowed where there is none yet."""
        if self.judgement is None:
            raise NotAllowed("the arms are not compared before the trial is over")
        return self.judgement
