"""The one door for all providers: verify, parse, store, commit, and only then answer."""

from adapters.contract import ChannelAnswer, DeliveryReport, InboundMessage, WebhookRequest
from messaging.conversations import delivery
from messaging.conversations.inbound_statement import CITIZEN, store_plain
from messaging.conversations.incoming import Incoming, read
from messaging.conversations.receiving import is_known, store
from messaging.errors import NotFound
from messaging.people.actors import SYSTEM
from messaging.people.reaching import Route, look_up_route
from messaging.runtime import Runtime
from messaging.work.lanes import Lane


def take(runtime: Runtime, channel_name: str, request: WebhookRequest) -> ChannelAnswer:
    """Take in what a provider posts, and return the answer it wants once that is committed.

    Raises WebhookRejected with nothing changed, DatabaseBusy (the provider tries again), NotFound for a channel that is
    not in use.
    """
    channel = runtime.channel
    if channel_name != channel.name:
        raise NotFound("no such channel is in use")
    channel.verify(request)
    incoming = channel.parse(request)
    if isinstance(incoming, DeliveryReport):
        take_report(runtime, incoming)
    else:
        take_message(runtime, incoming)
    return channel.answer(incoming)


def take_message(runtime: Runtime, source: InboundMessage, *, late: bool = False) -> bool:
    """Store a citizen's message; False if it was delivered before."""
    at = runtime.clock.now()
    incoming = read(source, channel=runtime.channel.name, late=late, at=at)
    fresh = (incoming.is_plain and _store_quickly(runtime, incoming)) or _store_carefully(runtime, incoming)
    if fresh:
        more = () if incoming.is_plain else (Lane.INTERACTIVE,)
        runtime.waker.wake(Lane.UPKEEP, Lane.JOURNAL, *more)
    return fresh


def take_report(runtime: Runtime, report: DeliveryReport) -> None:
    """Store what a provider says of a message of ours."""
    with runtime.act(SYSTEM) as act:
        fresh = delivery.record_report(act, report, channel=runtime.channel.name, waits=runtime.config.waits)
    if fresh:
        runtime.waker.wake(Lane.JOURNAL)


def _store_quickly(runtime: Runtime, incoming: Incoming) -> bool:
    """Store a plain text by the one gated statement; False if that is not possible, or if it came before."""
    index = runtime.vault.phone_index(incoming.source.sender)
    route = runtime.routes.get(index) or _look_up(runtime, index)
    if route is None or route.citizen_id is None:
        return False
    return store_plain(
        runtime.database,
        runtime.vault,
        incoming,
        citizen_id=route.citizen_id,
        number_id=route.number_id,
        version=route.version,
        at=runtime.clock.now(),
    )


def _look_up(runtime: Runtime, index: bytes) -> Route | None:
    route = look_up_route(runtime.database, index)
    if route is not None:
        runtime.routes.put(index, route)
    return route


def _store_carefully(runtime: Runtime, incoming: Incoming) -> bool:
    """Store whatever it is by the longer way, unless it came before, as most has that comes this way."""
    with runtime.database.read() as session:
        if is_known(session, incoming):
            return False
    runtime.routes.drop(runtime.vault.phone_index(incoming.source.sender))
    with runtime.act(CITIZEN) as act:
        return store(act, incoming)
