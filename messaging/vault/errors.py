"""What can go wrong at the encryption boundary. The texts say nothing that helps a forger."""

from messaging.errors import BorgerdialogError


class CannotOpen(BorgerdialogError):
    """A sealed value does not open here. Whatever the reason, the text is the same."""

    code = "cannot_open"

    def __init__(self) -> None:
        super().__init__("the sealed value cannot be opened")


class UnknownOwner(BorgerdialogError):
    """There is no key for this owner: it was never made, or it was erased."""

    code = "unknown_owner"

    def __init__(self) -> None:
        super().__init__("there is no key for this owner")


class WrongKey(BorgerdialogError):
    """A wrapped key does not open under the key at hand, or that key is not there."""

    code = "wrong_key"

    def __init__(self) -> None:
        super().__init__("a wrapped key does not open under the key at hand")
