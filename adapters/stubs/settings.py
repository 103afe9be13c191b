"""What the stub and the service must agree on: account, numbers and secrets; made once and kept beside the ledgers."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

DEFAULT_NUMBER = "+4560575700"


@dataclass(frozen=True, kw_only=True)
class StubSettings:
    """The outside world's side of every agreement.

    `service_url` is the service's public URL, where webhooks go. `pace` multiplies every waiting time of the stub.
    `default_channel` is the one a phone writes to that nobody has written to. With `keyword_handling` the provider
    acts on STOP and START itself, as Twilio does unless told otherwise.
    """

    service_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    simulator_secret: str = field(repr=False)
    case_system_secret: str = field(repr=False)
    numbers: tuple[str, ...] = (DEFAULT_NUMBER,)
    default_channel: str = "simulator"
    webhook_retries: str = "rc=5&rp=all"
    pace: float = 1.0
    seed: int = 0
    keyword_handling: bool = False

    def twilio_sms(self, stub_url: str) -> dict[str, str]:
        """The settings with which the `twilio_sms` channel finds this stub."""
        return {
            "account_sid": self.account_sid,
            "auth_token": self.auth_token,
            "from_number": self.numbers[0],
            "accepted_numbers": " ".join(self.numbers[1:]),
            "base_url": stub_url,
            "keyword_handling": "mirrored" if self.keyword_handling else "off",
        }

    def simulator(self, stub_url: str) -> dict[str, str]:
        """The settings with which the `simulator` channel finds this stub."""
        return {"base_url": stub_url, "secret": self.simulator_secret, "from_number": self.numbers[0]}

    def app_push(self, stub_url: str, *, key: str) -> dict[str, str]:
        """The settings with which the `app_push` channel finds this stub; browsers learn the key from the service."""
        return {"key": key, "contact": "mailto:drift@borgerdialog.example.dk", "hosts": stub_url.rpartition("/")[2]}

    def webhook(self, stub_url: str) -> dict[str, str]:
        """The settings with which the `webhook` case system finds this stub."""
        return {"url": f"{stub_url}/case-system", "secrets": self.case_system_secret}


def new_settings(*, service_url: str, **others: Any) -> StubSettings:
    """Settings with fresh secrets."""
    fresh: dict[str, Any] = {
        "account_sid": f"AC{secrets.token_hex(16)}",
        "auth_token": secrets.token_hex(16),
        "simulator_secret": secrets.token_urlsafe(32),
        "case_system_secret": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
    return StubSettings(service_url=service_url, **{**fresh, **others})


def kept_settings(data_folder: Path, *, service_url: str, **others: Any) -> StubSettings:
    """The settings whose secrets `stub.json` in the data folder keeps (mode 0600); made when it is not there."""
    path = data_folder / "stub.json"
    if path.exists():
        return StubSettings(**{**_kept(path), "service_url": service_url, **others})
    settings = new_settings(service_url=service_url, **others)
    data_folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({name: value for name, value in asdict(settings).items() if name in _SECRETS}, file, indent=2)
    return settings


_SECRETS = frozenset({"account_sid", "auth_token", "simulator_secret", "case_system_secret"})


def _kept(path: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(path.read_text())
    return kept
