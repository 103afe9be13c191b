"""The provider as Twilio shows itself: its Messages API with list and media, its signed form webhooks."""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from adapters.stubs.messages import NewMessage
from adapters.stubs.provider import Provider
from adapters.stubs.server import Reply, Request, Route, json_reply, route

API = "/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})"
# Twilio's own test numbers, each refused for its own reason.
MAGIC_NUMBERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_STATUS = {20003: 401, 20404: 404}


class TwilioFace:
    """Speaks as Twilio does."""

    name = "twilio_sms"

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._settings = provider.settings
        self._validator: Any = RequestValidator(self._settings.auth_token)  # type: ignore[no-untyped-call]

    def routes(self) -> list[Route]:
        """The API's paths."""
        message = f"{API}/Messages/(?P<sid>(SM|MM)[0-9a-f]{{32}})"
        return [
            route("POST", f"{API}/Messages\\.json", self._authorized(self._create)),
            route("GET", f"{API}/Messages\\.json", self._authorized(self._list_or_fail)),
            route("GET", f"{message}\\.json", self._authorized(self._fetch)),
            route("GET", f"{message}/Media\\.json", self._authorized(self._media_list)),
            route("GET", f"{message}/Media/(?P<media>ME[0-9a-f]{{32}})", self._authorized(self._media)),
        ]

    def new_id(self, *, media: bool) -> str:
        """A message SID."""
        return f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"

    def refusal(self, code: int, *, status: int) -> Reply:
        """An error body with Twilio's number."""
        more = f"https://www.twilio.com/docs/errors/{code}"
        body = {"code": code, "message": "refused", "more_info": more, "status": status}
        return json_reply(body, status=_STATUS.get(code, status))

    def accepted(self, message: Mapping[str, Any]) -> Reply:
        """The new message as a resource."""
        return json_reply(self._resource({**message, "status": "queued", "sent_at": None}), status=201)

    def tell_status(self, message: Mapping[str, Any], *, status: str, error_code: str | None) -> None:
        """Post a status callback."""
        form = {
            "AccountSid": self._settings.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message["sender"],
            "MessageSid": message["id"],
            "MessageStatus": status,
            "SmsSid": message["id"],
            "SmsStatus": status,
            "To": message["recipient"],
            **({"ErrorCode": error_code} if error_code else {}),
        }
        self._post(message["callback_url"], form, message_id=message["id"], word=status)

    def tell_message(self, message: Mapping[str, Any], *, opt_out: str | None) -> int:
        """Post a text to the number's webhook."""
        url = f"{self._settings.service_url}/hooks/{self.name}#{self._settings.webhook_retries}"
        return self._post(url, self.webhook_form(message, opt_out=opt_out), message_id=message["id"], word="message")

    def webhook_form(self, message: Mapping[str, Any], *, opt_out: str | None) -> Mapping[str, str]:
        """A text as Twilio's form."""
        media = json.loads(message["media"])
        form = {
            "AccountSid": self._settings.account_sid,
            "ApiVersion": "2010-04-01",
            "Body": message["text"],
            "From": message["sender"],
            "FromCountry": "DK",
            "MessageSid": message["id"],
            "NumMedia": str(len(media)),
            "NumSegments": str(message["segments"]),
            "SmsMessageSid": message["id"],
            "SmsSid": message["id"],
            "SmsStatus": "received",
            "To": message["recipient"],
            "ToCountry": "DK",
            **({"OptOutType": opt_out} if opt_out else {}),
        }
        for number, one in enumerate(media):
            form[f"MediaUrl{number}"] = f"{self._provider.url}{self._media_path(message, one)}"
            form[f"MediaContentType{number}"] = one["content_type"]
        return form

    def sign(self, url: str, body: bytes) -> Mapping[str, str]:
        """The headers Twilio would send with this form to this URL."""
        signature = self._validator.compute_signature(url, dict(parse_qsl(body.decode(), keep_blank_values=True)))
        return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}

    def _post(self, url: str, form: Mapping[str, str], *, message_id: str, word: str) -> int:
        return self._provider.dispatcher.post(
            url,
            urlencode(form).encode(),
            headers=self.sign,
            told=lambda answer: self._provider.messages.posted(message_id, word=word, answer=answer),
        )

    def _authorized(self, answer: Any) -> Any:
        expected = base64.b64encode(f"{self._settings.account_sid}:{self._settings.auth_token}".encode()).decode()

        def guarded(request: Request) -> Reply:
            if request.headers.get("authorization") != f"Basic {expected}":
                return self.refusal(20003, status=401)
            if request.groups["account"] != self._settings.account_sid:
                return self.refusal(20404, status=404)
            reply: Reply = answer(request)
            return reply

        return guarded

    def _create(self, request: Request) -> Reply:
        form = request.form()
        if code := self._refused(form):
            return self.refusal(code, status=400)
        valid_for = form.get("ValidityPeriod")
        message = NewMessage(
            id=self.new_id(media=False),
            channel=self.name,
            direction="out",
            sender=form["From"],
            recipient=form["To"],
            text=form["Body"],
            status="queued",
            callback_url=form.get("StatusCallback"),
            valid_for=int(valid_for) if valid_for else None,
        )
        return self._provider.accept(message, face=self)

    def _refused(self, form: Mapping[str, str]) -> int | None:
        """The error code for a form Twilio would refuse."""
        to, text = form.get("To", ""), form.get("Body", "")
        refusals = {
            21604: not to,
            21211: not _NUMBER.fullmatch(to),
            21606: form.get("From") not in self._settings.numbers,
            21602: not text,
            21617: len(text) > 1600,
            21609: not urlsplit(form.get("StatusCallback", "http://x")).hostname,
            21624: not 1 <= int(form.get("ValidityPeriod", "1")) <= 36_000,
            21610: self._provider.messages.is_blocked(to),
        }
        return MAGIC_NUMBERS.get(to) or next((code for code, holds in refusals.items() if holds), None)

    def _list_or_fail(self, request: Request) -> Reply:
        return self._provider.listed(lambda: self._list(request))

    def _list(self, request: Request) -> Reply:
        size = min(int(request.query("PageSize") or 50), 1000)
        token = request.query("PageToken")
        rows = self._provider.messages.select(
            {"channel": self.name, **_filters(request)},
            newest_first=True,
            before=int(token.removeprefix("PA")) if token else None,
            limit=size + 1,
        )
        more = None
        if len(rows) > size:
            query = [pair for pair in parse_qsl(urlsplit(request.target).query) if pair[0] not in {"Page", "PageToken"}]
            page = {"Page": str(int(request.query("Page") or 0) + 1), "PageToken": f"PA{rows[size - 1]['position']}"}
            more = f"{urlsplit(request.target).path}?{urlencode([*query, *page.items()])}"
        return json_reply(
            {
                "messages": [self._resource(row) for row in rows[:size]],
                "page": int(request.query("Page") or 0),
                "page_size": size,
                "next_page_uri": more,
                "uri": request.target,
            }
        )

    def _fetch(self, request: Request) -> Reply:
        message = self._provider.messages.one(request.groups["sid"])
        return json_reply(self._resource(message)) if message else self.refusal(20404, status=404)

    def _media_list(self, request: Request) -> Reply:
        message = self._provider.messages.one(request.groups["sid"])
        if message is None:
            return self.refusal(20404, status=404)
        listed = [
            {
                "sid": one["id"],
                "parent_sid": message["id"],
                "account_sid": self._settings.account_sid,
                "content_type": one["content_type"],
                "date_created": _rfc2822(message["created_at"]),
                "uri": f"{self._media_path(message, one)}.json",
            }
            for one in json.loads(message["media"])
        ]
        return json_reply({"media_list": listed, "page": 0, "page_size": 50, "next_page_uri": None})

    def _media(self, request: Request) -> Reply:
        message = self._provider.messages.one(request.groups["sid"])
        for one in json.loads(message["media"]) if message else ():
            if one["id"] == request.groups["media"]:
                return Reply(headers={"content-type": one["content_type"]}, body=base64.b64decode(one["data"]))
        return self.refusal(20404, status=404)

    def _media_path(self, message: Mapping[str, Any], one: Mapping[str, str]) -> str:
        return f"/2010-04-01/Accounts/{self._settings.account_sid}/Messages/{message['id']}/Media/{one['id']}"

    def _resource(self, message: Mapping[str, Any]) -> dict[str, Any]:
        error = message["error_code"]
        uri = f"/2010-04-01/Accounts/{self._settings.account_sid}/Messages/{message['id']}"
        return {
            "sid": message["id"],
            "account_sid": self._settings.account_sid,
            "api_version": "2010-04-01",
            "body": message["text"],
            "date_created": _rfc2822(message["created_at"]),
            "date_sent": _rfc2822(message["sent_at"]),
            "date_updated": _rfc2822(message["sent_at"] or message["created_at"]),
            "direction": "outbound-api" if message["direction"] == "out" else "inbound",
            "error_code": int(error) if error else None,
            "error_message": None,
            "from": message["sender"],
            "messaging_service_sid": None,
            "num_media": str(len(json.loads(message["media"]))),
            "num_segments": str(message["segments"]),
            "price": None,
            "price_unit": "USD",
            "status": message["status"],
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message["recipient"],
            "uri": f"{uri}.json",
        }


def _filters(request: Request) -> dict[str, object]:
    """The list's filters as conditions; like Twilio's, a day of DateSent leaves out what has not been sent."""
    asked = {
        "recipient": request.query("To"),
        "sender": request.query("From"),
        "sent_at >=": request.query("DateSent>"),
        "sent_at <=": request.query("DateSent<"),
        "sent_at LIKE": f"{request.query('DateSent')}%" if request.query("DateSent") else None,
    }
    return {condition: value for condition, value in asked.items() if value is not None}


def _rfc2822(moment: str | None) -> str | None:
    return format_datetime(datetime.fromisoformat(moment)) if moment else None
