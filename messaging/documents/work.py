"""What runs in the background for documents: every one is scanned and looked into before anybody may open it."""

from collections.abc import Iterator

import sqlalchemy as sa
import structlog

from adapters.errors import AdapterError
from messaging.database.moments import database_now
from messaging.documents import keeping, receiving
from messaging.documents.inspecting import Verdict, inspect
from messaging.documents.keeping import Kept, Tally, cut
from messaging.documents.models import Document, Part
from messaging.documents.pieces import Content, check_whole, content_of, read_pieces, remove_pieces
from messaging.documents.states import DocumentState, Refusal
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.vault.errors import CannotOpen
from messaging.work.lanes import Lane
from messaging.work.leasing import Claim, claim, poisoned, release_all
from messaging.work.retries import delay
from messaging.work.runner import LaneWorker, Periodic

log = structlog.get_logger()

WAITING = Document.state == DocumentState.WAITING
DUE = sa.and_(WAITING, sa.or_(Document.next_try_at.is_(None), Document.next_try_at <= database_now()))


class DocumentWork:
    """The background work of documents in one process."""

    def __init__(self, *, runtime: Runtime) -> None:
        self._runtime = runtime

    def workers(self) -> list[LaneWorker]:
        """Return who drains what."""
        return [LaneWorker(name="documents", lane=Lane.UPKEEP, drain=self.drain)]

    def periodics(self) -> list[Periodic]:
        """Return what is to run how often."""
        return [Periodic(name="documents.sweep", every=self._runtime.config.waits.sweep, run=self.sweep)]

    def start(self) -> None:
        """Free what the last worker held."""
        with self._runtime.database.write() as session:
            release_all(session, Document, among=WAITING)

    def sweep(self) -> None:
        """Park what processes died over, and remove what was never finished."""
        runtime = self._runtime
        with runtime.database.read() as session:
            poison = poisoned(session, Document, among=WAITING)
            left = session.scalar(sa.select(Document.id).where(Document.state == DocumentState.RECEIVING).limit(1))
        if poison:
            with runtime.act(SYSTEM) as act:
                keeping.park(act, poison)
        if left is not None:
            with runtime.act(SYSTEM) as act:
                receiving.remove_unfinished(act)

    def drain(self) -> int:
        """Inspect one document if one is due; return how many were looked at."""
        runtime = self._runtime
        with runtime.database.read() as session:
            if session.scalar(sa.select(Document.id).where(DUE).limit(1)) is None:
                return 0
        with runtime.database.write() as session:
            claimed = claim(
                session,
                Document,
                due=DUE,
                order_by=(Document.finished_at, Document.id),
                limit=1,
                seconds=runtime.config.waits.inspection_lease,
            )
        if not claimed:
            return 0
        self._inspect(claimed)
        runtime.waker.wake(Lane.JOURNAL)
        return 1

    def _inspect(self, claimed: Claim) -> None:
        runtime, document_id = self._runtime, claimed.ids[0]
        try:
            with runtime.database.read() as session:
                document = session.get_one(Document, document_id)
                content = content_of(runtime.vault, document)
                check_whole(session, content)
            if self._is_infected(content):
                self._conclude(claimed, content, Verdict(refusal=Refusal.VIRUS), Tally())
                return
            tally = Tally()
            verdict = inspect(tally.passing(self._pieces(content)), declared=document.declared)
            self._conclude(claimed, content, verdict, tally)
        except AdapterError as error:
            log.warning("document.not_scanned", code=error.code)
            self._put_off(claimed)
        except CannotOpen:
            log.error("document.not_whole", document=str(document_id))  # noqa: TRY400  # says all there is to say
            with runtime.act(SYSTEM) as act:
                keeping.park(act, [document_id])

    def _is_infected(self, content: Content) -> bool:
        scanner = self._runtime.scanner
        return scanner is not None and scanner.scan(self._pieces(content)) is not None

    def _pieces(self, content: Content) -> Iterator[bytes]:
        return read_pieces(self._runtime.database, self._runtime.vault, content)

    def _conclude(self, claimed: Claim, content: Content, verdict: Verdict, tally: Tally) -> None:
        runtime, document_id = self._runtime, claimed.ids[0]
        if verdict.kind is None:
            reason = verdict.refusal or Refusal.UNREADABLE
            with runtime.act(SYSTEM) as act:
                keeping.refuse(act, document_id=document_id, lease=claimed.token, reason=reason)
            return
        digests = None
        if verdict.content is not None:
            tally = Tally()
            digests = self._write(content, tally.passing(cut(verdict.content)))
        kept = Kept(kind=verdict.kind, size=tally.size, sha256=tally.sha256, digests=digests)
        with runtime.act(SYSTEM) as act:
            keeping.keep(act, document_id=document_id, lease=claimed.token, kept=kept)

    def _write(self, content: Content, pieces: Iterator[bytes]) -> tuple[bytes, ...]:
        """Store what is kept in place of what came, each piece in a transaction of its own: none is long."""
        runtime = self._runtime
        with runtime.database.write() as session:  # of an inspection that died
            remove_pieces(session, document_id=content.document_id, part=Part.KEPT)
        digests = []
        for number, piece in enumerate(pieces):
            with runtime.act(SYSTEM) as act:
                digests.append(
                    keeping.write_anew(
                        act,
                        document_id=content.document_id,
                        citizen_id=content.citizen_id,
                        number=number,
                        piece=piece,
                    )
                )
        return tuple(digests)

    def _put_off(self, claimed: Claim) -> None:
        """Let it wait: what could not be scanned is not opened."""
        runtime = self._runtime
        with runtime.database.write() as session:
            document = session.scalar(
                sa.select(Document).filter_by(id=claimed.ids[0], lease_token=claimed.token).with_for_update()
            )
            if document is None:
                return
            tries = document.tries + 1
            seconds = delay(runtime.config.waits.scan_retries, tries, random=runtime.chance)
            session.execute(
                sa.update(Document)
                .filter_by(id=document.id)
                .values(tries=tries, next_try_at=database_now(seconds), lease_token=None, lease_until=None, deaths=0)
            )
