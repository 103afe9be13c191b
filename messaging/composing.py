"""Putting one process together from its configuration: databases, vault, channel, case system, clock, waker."""

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import cast

import sqlalchemy as sa

from adapters.clamav import ClamAv
from adapters.contract import PushChannel
from adapters.errors import Misconfigured
from adapters.feeds import FeedReader
from adapters.http import HttpSession
from adapters.mitid import MitIdProvider
from adapters.openid import OpenIdProvider
from adapters.registry import CHANNELS, load_case_system, load_channel
from messaging.clock import Clock, RehearsalClock, SystemClock
from messaging.config import PREFIX, PUSH, WAIVED, Config
from messaging.database.engine import Database
from messaging.errors import ConfigurationError
from messaging.people.reaching import Recent
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import KeyCheck
from messaging.vault.process import harden_process
from messaging.vault.vault import Vault
from messaging.work.lanes import Waker
from messaging.work.waking import DatagramWaker, NoWaker


def compose(config: Config, *, waker: Waker | None = None) -> Runtime:
    """Build the runtime of this process. Raises ConfigurationError for anything that does not fit together."""
    harden_process()
    config.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    http = HttpSession(stub_origins=config.stub_origins)
    try:
        channel = load_channel(config.sms_channel).from_settings(
            config.adapters[config.sms_channel], http=http, public_url=config.public_url
        )
        case_system = load_case_system(config.case_system).from_settings(config.adapters[config.case_system], http=http)
        push = _push_channel(config, http)
    except Misconfigured as error:
        raise ConfigurationError(f"{_variable_of(error)}: {error.sentence}") from error
    return Runtime(
        config=config,
        vault=open_vault(config),
        database=Database(config.database_url, pool_size=config.database_pool),
        clock=clock_of(config),
        channel=channel,
        case_system=case_system,
        push=push,
        waker=waker or _waker(config.data_folder),
        sign_in_provider=_sign_in_provider(config),
        feeds=FeedReader(http) if config.feeds else None,
        scanner=None if config.clamav in {"", WAIVED} else ClamAv(config.clamav),
        citizen_sign_in=_citizen_sign_in(config),
        routes=Recent(size=config.key_cache),
        reaches=Recent(size=config.key_cache),
    )


def open_vault(config: Config) -> Vault:
    """Open the vault; a missing, wrong or readable key file stops here, and so does a keystore that was never made."""
    keyring = Keyring.load(config.key_file)
    with ExitStack() as if_refused:
        keystore = open_keystore(config)
        if_refused.callback(keystore.close)
        if not sa.inspect(keystore.engine).has_table(KeyCheck.__tablename__):
            raise ConfigurationError(f"{PREFIX}KEYSTORE_URL: there are no tables yet; run borgerdialog migrate")
        vault = Vault(keyring, keystore, cache_size=config.key_cache)
        if_refused.pop_all()
        return vault


def open_keystore(config: Config) -> Database:
    """Open the database of the citizens' keys."""
    return Database(config.keystore_url, pool_size=2)


def clock_of(config: Config) -> Clock:
    """Return the clock of the rules: the machine's, or the rehearsal's."""
    return RehearsalClock(path=Path(config.clock_file)) if config.clock_file else SystemClock()


def _sign_in_provider(config: Config) -> OpenIdProvider | None:
    """Return the municipality's sign-in. Its operators vouch for its issuer, which may stand inside the house."""
    if not config.oidc_issuer:
        return None
    return OpenIdProvider(
        issuer=config.oidc_issuer,
        client_id=config.oidc_client_id,
        client_secret=config.oidc_client_secret,
        claim=config.oidc_claim,
        http=HttpSession(stub_origins=(*config.stub_origins, config.oidc_issuer)),
    )


def _push_channel(config: Config, http: HttpSession) -> PushChannel | None:
    """Return the channel to the app, if it is set up."""
    settings = config.adapters[PUSH]
    if not settings:
        return None
    return cast("PushChannel", load_channel(PUSH).from_settings(settings, http=http, public_url=config.public_url))


def _citizen_sign_in(config: Config) -> MitIdProvider | None:
    if not config.mitid_issuer:
        return None
    return MitIdProvider(
        issuer=config.mitid_issuer,
        client_id=config.mitid_client_id,
        client_secret=config.mitid_client_secret,
        cpr_claim=config.mitid_cpr_claim,
        assurance_claim=config.mitid_assurance_claim,
        assurance=config.mitid_assurance,
        scope=config.mitid_scope,
        acr_values=config.mitid_acr_values,
        http=HttpSession(stub_origins=config.stub_origins),
    )


def _variable_of(error: Misconfigured) -> str:
    """Name the variable an adapter complains of: `setting:twilio_sms.auth_token`, or a name nobody knows."""
    kind, _, rest = error.code.partition(":")
    if kind == "setting":
        return PREFIX + rest.replace(".", "_").upper()
    return PREFIX + ("SMS_CHANNEL" if rest == CHANNELS else "CASE_SYSTEM")


def _waker(folder: Path) -> Waker:
    with suppress(OSError):
        return DatagramWaker(folder)
    return NoWaker()
