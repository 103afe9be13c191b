"""The vault: seals and opens content, gives keyed look-up values and branch keys. The only door to the keys."""

import hmac
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from messaging.database.engine import Database
from messaging.errors import InvalidInput
from messaging.vault.epochs import Epochs, branch_key
from messaging.vault.errors import CannotOpen, UnknownOwner, WrongKey
from messaging.vault.key_cache import CacheStatistics, KeyCache
from messaging.vault.keyring import Roots
from messaging.vault.owner_keys import OwnerKeys
from messaging.vault.place import Place
from messaging.vault.record import OwnerKey, open_record, seal_record
from messaging.vault.sealed import Sealed
from messaging.vault.search_tokens import derive_tokens

TRIAGE = UUID("00000000-0000-4000-8000-747269616765")
"""Owner of messages from unknown senders, until someone claims them for a citizen."""
MANY = 100
"""So many owners at once are no reason to remember their keys."""


class Box:
    """Seals and opens for one owner, whose key it holds."""

    __slots__ = ("_key",)

    def __init__(self, key: OwnerKey) -> None:
        self._key = key

    def seal(self, text: str, *, place: Place) -> Sealed:
        """As `Vault.seal`."""
        return Sealed(seal_record(_utf8(text), key=self._key, place=place))

    def open(self, sealed: Sealed, *, place: Place) -> str:
        """As `Vault.open`."""
        return _text(open_record(sealed.blob, key=self._key, place=place))


class Vault:
    """The encryption boundary of one deployment.

    `keyring` holds the roots, `keystore` the wrapped keys of owners. Raises ConfigurationError if they do not fit
    together; nothing is written then. Safe between threads.
    """

    def __init__(
        self, keyring: Roots, keystore: Database, *, cache_size: int = 1000, cache_seconds: float = 60
    ) -> None:
        self._roots = keyring
        self._keystore = keystore
        self._owner_keys = OwnerKeys(keystore, Epochs(keystore, keyring))
        self._cache = KeyCache(size=cache_size, seconds=cache_seconds)
        self._branches: dict[str, bytes] = {}
        if not self.has_owner(TRIAGE):
            self.create_owner(TRIAGE)

    def close(self) -> None:
        """Give the keystore's connections back."""
        self._keystore.close()

    def create_owner(self, owner: UUID) -> None:
        """Make the owner's key and commit it, before the owner's own row commits. Doing it again changes nothing."""
        self._owner_keys.create([owner])

    def create_owners(self, owners: Iterable[UUID]) -> None:
        """As `create_owner`, for many; committed in batches."""
        self._owner_keys.create(list(owners))

    def has_owner(self, owner: UUID) -> bool:
        """Whether the owner has a key."""
        return self._find_key(owner) is not None

    def warm(self, owners: Iterable[UUID]) -> None:
        """Read the keys of many owners at once, before a list of their content is opened."""
        self._find_keys(owners)

    def seal(self, text: str, *, owner: UUID, place: Place) -> Sealed:
        """Seal text. Raises UnknownOwner, and InvalidInput for half a surrogate pair, which is no text."""
        return self.seal_bytes(_utf8(text), owner=owner, place=place)

    def seal_bytes(self, content: bytes, *, owner: UUID, place: Place) -> Sealed:
        """Seal bytes. Raises UnknownOwner."""
        key = self._find_key(owner)
        if key is None:
            raise UnknownOwner
        return Sealed(seal_record(content, key=key, place=place))

    def open(self, sealed: Sealed, *, owner: UUID, place: Place) -> str:
        """Return the text that was sealed for this owner at this place. Raises CannotOpen."""
        return _text(self.open_bytes(sealed, owner=owner, place=place))

    def open_bytes(self, sealed: Sealed, *, owner: UUID, place: Place) -> bytes:
        """Return the bytes that were sealed for this owner at this place. Raises CannotOpen."""
        try:
            key = self._find_key(owner)
        except WrongKey:
            raise CannotOpen from None
        if key is None:
            raise CannotOpen
        return open_record(sealed.blob, key=key, place=place)

    def boxes(self, owners: Iterable[UUID]) -> dict[UUID, "Box"]:
        """Return what seals and opens much for each of those owners that have a key. Not to be kept for long."""
        asked = set(owners)
        # Very many would push those keys out of the cache that are used again and again.
        keys = self._find_keys(asked) if len(asked) < MANY else self._owner_keys.load(list(asked))
        return {key.owner: Box(key) for key in keys}

    def search_tokens(self, words: Sequence[str], *, owners: Collection[UUID]) -> dict[UUID, list[int]]:
        """Return, for each owner that has a key, her tokens of these words in their order; unequal between owners."""
        return {key.owner: derive_tokens(words, key=key) for key in self._find_keys(owners)}

    def phone_index(self, e164: str) -> bytes:
        """Return the 32-byte look-up value of a phone number in E.164 form."""
        return hmac.digest(self.branch("phone index"), e164.encode(), "sha256")

    def cpr_index(self, cpr: str) -> bytes:
        """Return the 32-byte look-up value of a CPR number of ten digits."""
        return hmac.digest(self.branch("cpr index"), cpr.encode(), "sha256")

    def fingerprint(self, data: bytes, *, purpose: str) -> bytes:
        """Return a 32-byte keyed digest, equal for equal data of one purpose; tells nothing without the key."""
        return hmac.digest(self.branch(f"fingerprint of {purpose}"), data, "sha256")

    def branch(self, purpose: str) -> bytes:
        """Return the 32-byte key of one purpose, such as `audit` or `session`; the same for ever."""
        if purpose not in self._branches:
            self._branches[purpose] = branch_key(self._roots, purpose)
        return self._branches[purpose]

    def cache_statistics(self) -> CacheStatistics:
        """Return how often an owner's key was at hand."""
        return self._cache.statistics()

    def _find_keys(self, owners: Iterable[UUID]) -> list[OwnerKey]:
        """Return the keys of those owners that have one; what is not at hand is read at once."""
        asked = set(owners)
        held = self._cache.get_many(asked)
        if len(held) == len(asked):
            return held
        read = self._owner_keys.load(list(asked - {key.owner for key in held}))
        self._cache.put(read)
        return held + read

    def _find_key(self, owner: UUID) -> OwnerKey | None:
        key = self._cache.get(owner)
        if key is not None:
            return key
        key = self._owner_keys.find(owner)
        if key is not None:
            self._cache.put([key])
        return key


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass  # raised below, outside: this error would carry the text with it
    raise InvalidInput("the text holds a character that does not exist")


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass  # raised below, outside: this error would carry the content with it
    raise CannotOpen
