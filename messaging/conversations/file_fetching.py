"""Fetching the files that came with messages: each becomes a document, and goes through the same inspection.

Only what a verified webhook or the provider's own list told us is fetched, and the channel guards where from.
"""

import io
import uuid
from contextlib import AbstractContextManager
from typing import cast

import orjson
import sqlalchemy as sa
import structlog

from adapters.contract import Ability, KeepsFiles, MediaReference
from adapters.errors import AdapterError, MediaRefused
from messaging.conversations.attaching import attach
from messaging.conversations.file_models import FetchState, ProviderFile
from messaging.conversations.incoming import raw_place
from messaging.conversations.models import InboundEvent, Message
from messaging.database.moments import database_now
from messaging.documents.models import Origin
from messaging.documents.receiving import TooManyDocuments, finish_upload
from messaging.documents.whole_files import Handed, WholeFile, take_whole
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.work.lanes import Lane
from messaging.work.leasing import DEATHS_ALLOWED, FREED, Claim, claim
from messaging.work.retries import delay

log = structlog.get_logger()

WAITING = ProviderFile.state == FetchState.WAITING
DUE = sa.and_(WAITING, sa.or_(ProviderFile.next_try_at.is_(None), ProviderFile.next_try_at <= database_now()))
NAME = "mms"
MOST_TRIES = 20
"""After about three hours the provider's addresses lead nowhere."""


class FileLane:
    """Fetches files, one at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def drain(self) -> int:
        """Fetch one file if one is due; return how many were looked at."""
        runtime = self._runtime
        if Ability.FILES not in runtime.channel.abilities:
            return 0
        with runtime.database.read() as session:
            if session.scalar(sa.select(ProviderFile.id).where(DUE).limit(1)) is None:
                return 0
        with runtime.database.write() as session:
            claimed = claim(
                session,
                ProviderFile,
                due=DUE,
                order_by=(ProviderFile.id,),
                limit=1,
                seconds=runtime.config.waits.inspection_lease,
            )
        if not claimed:
            return 0
        self._fetch(claimed)
        return 1

    def _fetch(self, claimed: Claim) -> None:
        runtime, file_id = self._runtime, claimed.ids[0]
        with runtime.database.read() as session:
            file = session.get_one(ProviderFile, file_id)
            message = session.get_one(Message, file.message_id)
            event = session.get_one(InboundEvent, file.message_id)
        citizen_id = message.conversation_id
        if citizen_id is None:
            self._settle(claimed, FetchState.FAILED, reason="nobodys")
            return
        raw = runtime.vault.open_bytes(event.raw, owner=citizen_id, place=raw_place(event.id))
        reference = MediaReference(**orjson.loads(raw)["media"][file.number])
        try:
            content = cast("KeepsFiles", runtime.channel).fetch_file(reference)
            self._take(claimed, message, reference, content)
        except MediaRefused as error:
            self._settle(claimed, FetchState.FAILED, reason=error.code)
        except InvalidInput as error:
            self._settle(claimed, FetchState.FAILED, reason=f"not_taken:{error.field}")
        except (AdapterError, TooManyDocuments) as error:
            log.warning("file.not_fetched", code=error.code)
            if file.tries + 1 >= MOST_TRIES:
                self._settle(claimed, FetchState.FAILED, reason=error.code)
            else:
                self._put_off(claimed, tries=file.tries + 1)

    def _take(self, claimed: Claim, message: Message, reference: MediaReference, content: bytes) -> None:
        runtime, file_id = self._runtime, claimed.ids[0]
        citizen_id = cast("uuid.UUID", message.conversation_id)
        file = WholeFile(name=NAME, media_type=reference.content_type, size=len(content), content=io.BytesIO(content))

        def open_act() -> AbstractContextManager[Act]:
            return runtime.act(SYSTEM)

        take_whole(open_act, Handed(id=file_id, citizen_id=citizen_id, origin=Origin.MMS, asked_id=None, files=[file]))
        with open_act() as act:
            finish_upload(act, citizen_id=citizen_id, document_id=file_id)
            act.session.flush()
            attach(act, message_id=message.id, document_id=file_id)
            _settle(act, claimed, FetchState.FETCHED, reason=None)
        runtime.waker.wake(Lane.UPKEEP)

    def _settle(self, claimed: Claim, state: FetchState, *, reason: str | None) -> None:
        with self._runtime.act(SYSTEM) as act:
            _settle(act, claimed, state, reason=reason)

    def _put_off(self, claimed: Claim, *, tries: int) -> None:
        runtime = self._runtime
        seconds = delay(runtime.config.waits.scan_retries, tries, random=runtime.chance)
        with runtime.database.write() as session:
            session.execute(
                sa.update(ProviderFile)
                .filter_by(id=claimed.ids[0], lease_token=claimed.token)
                .values(tries=tries, next_try_at=database_now(seconds), **FREED)
            )

    def sweep(self) -> None:
        """Give up a file that processes died over."""
        with self._runtime.database.write() as session:
            session.execute(
                sa.update(ProviderFile)
                .where(WAITING, ProviderFile.deaths >= DEATHS_ALLOWED)
                .values(state=FetchState.FAILED, reason="died", **FREED)
            )


def _settle(act: Act, claimed: Claim, state: FetchState, *, reason: str | None) -> None:
    settled = act.session.execute(
        sa.update(ProviderFile)
        .filter_by(id=claimed.ids[0], lease_token=claimed.token)
        .values(state=state, reason=reason, **FREED)
        .returning(ProviderFile.message_id)
    ).scalar()
    if settled is not None:
        act.audit(f"file.{state}", object_kind="message", object_id=settled, facts={"reason": reason})
