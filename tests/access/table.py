"""Who gets in where: one row for every route of the service, and what each kind of row means for each who.

A new route needs a row here; the test fails until it has one.
"""

import enum
from dataclasses import dataclass, field
from typing import Any


class Who(enum.StrEnum):
    """Somebody who asks. `MADE_UP`: the one who may, with ids that nothing has."""

    ANONYMOUS = "anonymous"
    CASEWORKER = "caseworker of the citizen"
    CASEWORKER_MADE_UP = "caseworker, made-up ids"
    FOREIGN = "caseworker of another unit"
    DEPUTY = "deputy of the caseworker, the citizen waiting"
    DEPUTY_AT_REST = "deputy of the caseworker, nobody waiting"
    LEADER = "leader of the unit, without a reason"
    INFORMED = "leader of the unit, with a reason"
    FAR_LEADER = "leader of another unit"
    SUPERUSER = "superuser"
    AUDITOR = "auditor"
    KEY = "key with the scope"
    KEY_MADE_UP = "key with the scope, made-up ids"
    WRONG_KEY = "key with another scope"
    CITIZEN = "the citizen, in the app"
    CITIZEN_MADE_UP = "the citizen, made-up ids"
    CITIZEN_BY_CODE = "the citizen, let in by a code"
    OTHER_CITIZEN = "another citizen, in the app"
    HELPER = "who reads along with the citizen"
    HELPER_MADE_UP = "who reads along with the citizen, made-up ids"
    OTHER_HELPER = "who reads along with another citizen"


class Answer(enum.StrEnum):
    """What somebody gets. LET_IN also when the request itself then cannot be met (400, 409, 422)."""

    LET_IN = "let in"
    SIGN_IN = "led to the sign-in page"
    APP_SIGN_IN = "led to the ways into the app"
    HELPS_NOBODY = "told with whom she reads along, if anybody"
    GONE = "410"
    ASKED_WHY = "led to the form that asks why"
    HIDDEN = "404"
    UNKNOWN = "401"
    REFUSED = "403"
    UNWELL = "503"


Kind = dict[Who, Answer]
KEYS = (Who.KEY, Who.KEY_MADE_UP, Who.WRONG_KEY)
MADE_UP = (Who.CASEWORKER_MADE_UP, Who.KEY_MADE_UP, Who.CITIZEN_MADE_UP, Who.HELPER_MADE_UP)
CITIZENS = (Who.CITIZEN, Who.CITIZEN_MADE_UP, Who.CITIZEN_BY_CODE, Who.OTHER_CITIZEN)
HELPERS = (Who.HELPER, Who.HELPER_MADE_UP, Who.OTHER_HELPER)


def everybody(answer: Answer, **others: Answer) -> Kind:
    """The same for all, but for `others` by their names."""
    return dict.fromkeys(Who, answer) | {Who[name]: other for name, other in others.items()}


def _page(answer: Answer, **others: Answer) -> Kind:
    """A page for staff: keys, citizens and who helps them open none, and nobody sees one without signing in."""
    strangers = dict.fromkeys((Who.ANONYMOUS, *KEYS, *CITIZENS, *HELPERS), Answer.SIGN_IN)
    return everybody(answer, **others) | strangers


OPEN = everybody(Answer.LET_IN)
PAGE = _page(Answer.LET_IN)
CONTENT = _page(
    Answer.HIDDEN,
    CASEWORKER=Answer.LET_IN,
    DEPUTY=Answer.LET_IN,
    INFORMED=Answer.LET_IN,
    LEADER=Answer.ASKED_WHY,
)
"""Something that names a citizen in its path."""
THING = CONTENT | {Who.LEADER: Answer.HIDDEN}
"""Something of a citizen's that its own id names."""
TRIAGE = _page(Answer.HIDDEN, CASEWORKER=Answer.LET_IN)
CASEWORK = _page(Answer.LET_IN, SUPERUSER=Answer.HIDDEN, AUDITOR=Answer.HIDDEN)
"""What caseworkers and their leaders do, whoever's citizens are concerned."""
LEADING = _page(Answer.HIDDEN, LEADER=Answer.LET_IN, INFORMED=Answer.LET_IN, FAR_LEADER=Answer.LET_IN)
SEVERAL = _page(Answer.LET_IN, AUDITOR=Answer.HIDDEN)
WRITING_TO_SEVERAL = _page(
    Answer.LET_IN,
    LEADER=Answer.HIDDEN,
    INFORMED=Answer.HIDDEN,
    FAR_LEADER=Answer.HIDDEN,
    SUPERUSER=Answer.HIDDEN,
    AUDITOR=Answer.HIDDEN,
)
TO_SEVERAL = _page(Answer.HIDDEN, CASEWORKER=Answer.LET_IN)
BATCH = _page(
    Answer.HIDDEN,
    CASEWORKER=Answer.LET_IN,
    DEPUTY=Answer.LET_IN,
    DEPUTY_AT_REST=Answer.LET_IN,
    LEADER=Answer.LET_IN,
    INFORMED=Answer.LET_IN,
    SUPERUSER=Answer.LET_IN,
)
"""What a caseworker wrote to several, as it waits for a second person of her unit."""
HANDOVER = _page(Answer.HIDDEN, CASEWORKER=Answer.LET_IN, LEADER=Answer.LET_IN, INFORMED=Answer.LET_IN)
OWN = CONTENT | {Who.DEPUTY: Answer.HIDDEN}
"""A citizen's whole history, which cover does not open."""
AUDIT = _page(Answer.HIDDEN, AUDITOR=Answer.LET_IN)
WHY = _page(Answer.HIDDEN, LEADER=Answer.LET_IN, INFORMED=Answer.LET_IN)
LOOKED_AFTER = _page(Answer.HIDDEN, SUPERUSER=Answer.LET_IN, AUDITOR=Answer.LET_IN)
"""What superusers look after and auditors read."""
CHANGED = _page(Answer.HIDDEN, SUPERUSER=Answer.LET_IN)
LEADERS = WHY | {Who.FAR_LEADER: Answer.LET_IN}
APP = everybody(Answer.APP_SIGN_IN) | dict.fromkeys(CITIZENS, Answer.LET_IN)
"""A page of the app, which shows each citizen her own."""
APP_THING = APP | {Who.CITIZEN_MADE_UP: Answer.HIDDEN, Who.OTHER_CITIZEN: Answer.HIDDEN}
"""Something of a citizen's own that its id names."""
APP_BEGUN = APP | {Who.OTHER_CITIZEN: Answer.HIDDEN}
"""What a citizen's phone has begun under an id of its own."""
APP_START = everybody(Answer.GONE)
"""An address of a QR code that was made up."""
HELPING = everybody(Answer.HELPS_NOBODY, HELPER=Answer.LET_IN)
"""What somebody who reads along is shown of one citizen."""
PULSE = OPEN | dict.fromkeys(MADE_UP, Answer.HIDDEN)
"""What a one-use code opens, whoever holds it."""
ASKED = _page(
    Answer.LET_IN, **dict.fromkeys(("LEADER", "INFORMED", "FAR_LEADER", "SUPERUSER", "AUDITOR"), Answer.HIDDEN)
)
"""What caseworkers are asked."""
API = everybody(Answer.UNKNOWN, KEY=Answer.LET_IN, KEY_MADE_UP=Answer.LET_IN, WRONG_KEY=Answer.REFUSED)
API_THING = API | {Who.KEY_MADE_UP: Answer.HIDDEN}
API_ANOTHERS = API_THING | {Who.KEY: Answer.HIDDEN}
"""What only the key knows that named it so: here another one has."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a route is, what is sent to it (`{name}` is put in from what there is), how, and the scope that opens it."""

    kind: Kind
    form: dict[str, str] = field(default_factory=dict)
    json: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    scope: str | None = None


def _api(kind: Kind, scope: str, **json: Any) -> Row:
    return Row(kind=kind, scope=scope, json=json or None)


MEETING = {
    "caseworker": "mho",
    "starts_at": "2090-01-02T10:00:00+01:00",
    "minutes": 45,
    "meeting_type": "Jobsamtale",
    "form": "phone",
}
CITIZEN = {"cpr": "0101990001", "first_name": "Ny", "last_name": "Borger"}

TABLE: dict[str, Row] = {
    # Pages
    "GET /": Row(kind=PAGE),
    "GET /team": Row(kind=LEADING),
    "GET /conversations": Row(kind=PAGE),
    "GET /conversations/<uuid:citizen_id>": Row(kind=CONTENT),
    "POST /conversations/<uuid:citizen_id>/messages": Row(
        kind=CONTENT, form={"message_id": "{fresh_id}", "text": "Hej", "seen": "99"}
    ),
    "GET /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/edit": Row(kind=CONTENT),
    "POST /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/edit": Row(
        kind=CONTENT, form={"text": "Hej", "seen": "2027-03-02T09:00:00+00:00"}
    ),
    "GET /batches": Row(kind=SEVERAL),
    "GET /batches/new": Row(kind=WRITING_TO_SEVERAL),
    "POST /batches/preview": Row(
        kind=TO_SEVERAL, form={"batch_id": "{fresh_id}", "citizen": "{citizen_id}", "template": "M9"}
    ),
    "POST /batches": Row(
        kind=TO_SEVERAL, form={"batch_id": "{fresh_id}", "citizen": "{citizen_id}", "template": "M9", "shown": "x"}
    ),
    "GET /batches/<uuid:batch_id>": Row(kind=BATCH),
    "POST /batches/<uuid:batch_id>/approve": Row(kind=BATCH | {Who.CASEWORKER: Answer.REFUSED}),
    "POST /batches/<uuid:batch_id>/cancel": Row(kind=_page(Answer.HIDDEN, CASEWORKER=Answer.LET_IN)),
    "POST /messages/measure": Row(kind=PAGE, form={"text": "Hej"}),
    "POST /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/cancel": Row(kind=CONTENT),
    "POST /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/again": Row(kind=CONTENT, form={"seen": "99"}),
    "POST /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/decide": Row(
        kind=CONTENT, form={"was_sent": "yes"}
    ),
    "POST /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/meaning": Row(
        kind=CONTENT, form={"label": "other"}
    ),
    "POST /conversations/<uuid:citizen_id>/settle": Row(kind=CONTENT, form={"seen": "99"}),
    "POST /conversations/<uuid:citizen_id>/notes": Row(kind=CONTENT, form={"note_id": "{fresh_id}", "note": "Note"}),
    "POST /conversations/<uuid:citizen_id>/notes/<uuid:note_id>/number": Row(kind=CONTENT),
    "POST /conversations/<uuid:citizen_id>/received/<uuid:received_id>/threat": Row(
        kind=CONTENT, form={"note": "Truede mig"}
    ),
    "POST /conversations/<uuid:citizen_id>/threats/<uuid:threat_id>/take-back": Row(
        kind=CONTENT, form={"why": "En misforståelse"}
    ),
    "POST /conversations/<uuid:citizen_id>/received/<uuid:received_id>/number": Row(kind=CONTENT),
    "POST /conversations/<uuid:citizen_id>/unread": Row(kind=CONTENT),
    "GET /incidents": Row(kind=LEADERS),
    "POST /incidents/<uuid:threat_id>/noticed": Row(kind=WHY),
    "GET /citizens": Row(kind=PAGE),
    "GET /citizens/<uuid:citizen_id>/contacts/new": Row(kind=CONTENT),
    "POST /citizens/<uuid:citizen_id>/contacts": Row(kind=CONTENT, form={"note_id": "{fresh_id}", "kind": "call_in"}),
    "GET /citizens/<uuid:citizen_id>/reason": Row(kind=WHY),
    "POST /citizens/<uuid:citizen_id>/reason": Row(kind=WHY, form={"reason": "kort"}),
    "GET /citizens/<uuid:citizen_id>": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/preferences": Row(
        kind=OWN, form={"medium": "sms", "language": "da", "interpreter": "ar"}
    ),
    "POST /citizens/<uuid:citizen_id>/no-number": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/numbers": Row(kind=OWN, form={"number": "112"}),
    "POST /citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/verified": Row(kind=OWN, form={"rang": "yes"}),
    "POST /citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/accept": Row(kind=CONTENT),
    "POST /citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/release": Row(kind=CONTENT),
    "POST /citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/shared": Row(kind=CONTENT, form={"shared": "no"}),
    "GET /citizens/<uuid:citizen_id>/ledger": Row(kind=OWN),
    "GET /citizens/<uuid:citizen_id>/ledger.csv": Row(kind=OWN),
    "GET /citizens/<uuid:citizen_id>/transcript.pdf": Row(kind=OWN),
    "GET /citizens/<uuid:citizen_id>/transcript.txt": Row(kind=OWN),
    "GET /meetings": Row(kind=PAGE),
    "POST /appointments/<uuid:appointment_id>/outcome": Row(kind=THING, form={"outcome": "held"}),
    "POST /appointments/<uuid:appointment_id>/outcome/undo": Row(kind=THING),
    "POST /appointments/<uuid:appointment_id>/cancel": Row(kind=THING),
    "POST /appointments/<uuid:appointment_id>/pulse": Row(kind=_page(Answer.HIDDEN)),
    "GET /pulse": Row(kind=ASKED),
    "POST /pulse": Row(kind=ASKED, form={"wave": "during"}),
    "GET /p": Row(kind=OPEN),
    "POST /p": Row(kind=OPEN, form={"code": "intet"}),
    "GET /p/thanks": Row(kind=OPEN),
    "GET /p/<code>": Row(kind=PULSE),
    "POST /p/<code>": Row(kind=PULSE),
    "POST /reminders/<uuid:reminder_id>/hold": Row(kind=THING),
    "POST /reminders/<uuid:reminder_id>/let-go": Row(kind=THING),
    "GET /reminders/<uuid:reminder_id>/line": Row(kind=THING),
    "POST /reminders/<uuid:reminder_id>/line": Row(kind=THING, form={"line": "Tag din søster med"}),
    "POST /reminders/<uuid:reminder_id>/line/remove": Row(kind=THING),
    "GET /handover": Row(kind=CASEWORK),
    "POST /handover/preview": Row(kind=HANDOVER, form={"entry": "{entry_id}", "to": "{fresh_id}", "meetings": "yes"}),
    "POST /handover": Row(
        kind=HANDOVER, form={"entry": "{entry_id}", "to": "{fresh_id}", "meetings": "yes", "form_id": "{fresh_id}"}
    ),
    "GET /absences": Row(kind=CASEWORK),
    "POST /absences": Row(
        kind=CASEWORK | {Who.FAR_LEADER: Answer.HIDDEN},
        form={"caseworker": "{caseworker_id}", "first_day": "2020-01-01"},
    ),
    "GET /absences/<uuid:absence_id>/day": Row(kind=HANDOVER),
    "POST /absences/<uuid:absence_id>/day": Row(kind=HANDOVER, form={"decision": "cancelled"}),
    "POST /absences/<uuid:absence_id>/numbers": Row(kind=HANDOVER, form={"appointment": "{appointment_id}"}),
    "POST /absences/<uuid:absence_id>/calls": Row(
        kind=HANDOVER, form={"appointment": "{appointment_id}", "reached": "yes"}
    ),
    "POST /absences/<uuid:absence_id>/end": Row(kind=HANDOVER),
    "POST /working-hours": Row(
        kind=CASEWORK | dict.fromkeys((Who.LEADER, Who.INFORMED, Who.FAR_LEADER), Answer.HIDDEN),
        form={"begins_0": "8", "ends_0": "7"},
    ),
    "GET /citizens/<uuid:citizen_id>/documents": Row(kind=CONTENT),
    "POST /citizens/<uuid:citizen_id>/documents": Row(kind=CONTENT, form={"document_id": "{fresh_id}"}),
    "GET /citizens/<uuid:citizen_id>/documents/<uuid:document_id>": Row(kind=CONTENT),
    "POST /citizens/<uuid:citizen_id>/documents/<uuid:document_id>/again": Row(kind=CONTENT),
    "POST /citizens/<uuid:citizen_id>/documents/asked": Row(
        kind=CONTENT, form={"ask_id": "{fresh_id}", "words": "lønseddel, CV"}
    ),
    "POST /citizens/<uuid:citizen_id>/documents/asked/<uuid:asked_id>/withdraw": Row(kind=CONTENT),
    "GET /triage": Row(kind=PAGE),
    "POST /triage/<uuid:triage_id>": Row(kind=TRIAGE, form={"citizen_id": "{citizen_id}"}),
    "GET /search": Row(kind=PAGE),
    "POST /search": Row(kind=PAGE, form={"words": "hej"}),
    "GET /administration/channels": Row(kind=LOOKED_AFTER),
    "POST /administration/channels/stop": Row(kind=CHANGED, form={"reason": "none of them"}),
    "POST /administration/channels/release": Row(kind=CHANGED, form={"stop": "{fresh_id}"}),
    "GET /administration/journal": Row(kind=LOOKED_AFTER),
    "POST /administration/journal/replay": Row(kind=CHANGED, form={"event": "{fresh_id}"}),
    "GET /administration/background": Row(kind=LOOKED_AFTER),
    "GET /administration/trial": Row(kind=LOOKED_AFTER),
    "GET /administration/evaluation": Row(kind=LOOKED_AFTER),
    "POST /administration/evaluation": Row(kind=CHANGED),
    "GET /administration/evaluation.pdf": Row(kind=LOOKED_AFTER),
    "GET /administration/evaluation.html": Row(kind=LOOKED_AFTER),
    "GET /administration/evaluation.csv": Row(kind=LOOKED_AFTER),
    "GET /administration/missing-outcomes": Row(kind=LOOKED_AFTER),
    "GET /administration/reply-rules": Row(kind=LOOKED_AFTER),
    "GET /administration/experience": Row(kind=LOOKED_AFTER),
    "POST /administration/experience/waves": Row(kind=CHANGED),
    "POST /administration/experience/cards": Row(kind=CHANGED),
    "POST /administration/experience/returned": Row(kind=CHANGED),
    "GET /administration/volumes": Row(kind=LOOKED_AFTER),
    "GET /administration/interviews": Row(kind=LOOKED_AFTER),
    "POST /administration/interviews": Row(kind=CHANGED),
    "GET /administration/keys": Row(kind=CHANGED),
    "POST /administration/keys": Row(kind=CHANGED, form={"name": "uden adgange"}),
    "POST /administration/keys/<uuid:key_id>/revoke": Row(kind=CHANGED),
    "GET /administration/audit": Row(kind=AUDIT),
    "GET /administration/audit.csv": Row(kind=AUDIT),
    "GET /live": Row(kind=PAGE),
    "GET /administration": Row(kind=LOOKED_AFTER),
    "GET /administration/texts": Row(kind=LOOKED_AFTER),
    "GET /administration/texts/<key>/<variant>/<language>": Row(kind=LOOKED_AFTER),
    "GET /administration/texts/new": Row(kind=CHANGED),
    "POST /administration/texts/new": Row(
        kind=CHANGED,
        form={"draft_id": "{fresh_id}", "key": "M8", "variant": "", "language": "en", "content_class": "sms_ok"},
    ),
    "POST /administration/texts/drafts/<uuid:draft_id>/approve": Row(kind=CHANGED),
    "POST /administration/texts/drafts/<uuid:draft_id>/withdraw": Row(kind=CHANGED),
    "GET /administration/meeting-words": Row(kind=LOOKED_AFTER),
    "POST /administration/meeting-words": Row(
        kind=CHANGED, form={"draft_id": "{fresh_id}", "kind": "place", "name": "Et sted", "words": ""}
    ),
    "POST /administration/meeting-words/<uuid:words_id>/approve": Row(kind=CHANGED),
    "POST /administration/meeting-words/<uuid:words_id>/withdraw": Row(kind=CHANGED),
    "POST /administration/meeting-guidance": Row(
        kind=CHANGED, form={"draft_id": "{fresh_id}", "kind": "bring", "name": "Andet", "text": "Tag et pas med."}
    ),
    "POST /administration/meeting-guidance/<uuid:guidance_id>/approve": Row(kind=CHANGED),
    "POST /administration/meeting-guidance/<uuid:guidance_id>/withdraw": Row(kind=CHANGED),
    "GET /administration/reminder-plans": Row(kind=LOOKED_AFTER),
    "POST /administration/reminder-plans": Row(
        kind=CHANGED, form={"plan_id": "{fresh_id}", "first_day": "2020-01-01", "days_0": "2", "texts_0": "M1"}
    ),
    "POST /administration/reminder-plans/<uuid:plan_id>/sign": Row(kind=CHANGED),
    "POST /administration/reminder-plans/<uuid:plan_id>/withdraw": Row(kind=CHANGED),
    "POST /administration/reminder-plans/<uuid:plan_id>/end": Row(kind=CHANGED, form={"last_day": "2020-01-01"}),
    "GET /administration/unit-names": Row(kind=LOOKED_AFTER),
    "POST /administration/unit-names": Row(kind=CHANGED, form={"name_id": "{fresh_id}", "first_day": "2020-01-01"}),
    "POST /administration/unit-names/<uuid:name_id>/sign": Row(kind=CHANGED),
    "POST /administration/unit-names/<uuid:name_id>/withdraw": Row(kind=CHANGED),
    "GET /administration/target-groups": Row(kind=LOOKED_AFTER),
    "POST /administration/target-groups": Row(
        kind=CHANGED, form={"entry_id": "{fresh_id}", "first_day": "2020-01-01", "code": "fleksjob", "name": "Fleksjob"}
    ),
    "POST /administration/target-groups/end": Row(
        kind=CHANGED, form={"entry_id": "{fresh_id}", "ends_on": "2020-01-01", "ended": "jobparat"}
    ),
    "POST /administration/target-groups/<uuid:group_id>/sign": Row(kind=CHANGED),
    "POST /administration/target-groups/<uuid:group_id>/withdraw": Row(kind=CHANGED),
    "GET /administration/hours": Row(kind=LOOKED_AFTER),
    "POST /administration/hours": Row(kind=CHANGED, form={"times_id": "{fresh_id}"}),
    "POST /administration/closed-days": Row(kind=CHANGED, form={"day": "2020-01-01"}),
    "GET /administration/staff": Row(kind=LOOKED_AFTER),
    "POST /administration/staff": Row(kind=CHANGED, form={"staff_id": "{fresh_id}", "role": "none"}),
    "POST /administration/units": Row(kind=CHANGED, form={"unit_id": "{fresh_id}", "name": ""}),
    "POST /administration/units/<uuid:unit_id>": Row(kind=CHANGED, form={"name": "Team A"}),
    "GET /administration/staff/<uuid:staff_id>": Row(kind=LOOKED_AFTER),
    "POST /administration/staff/<uuid:staff_id>": Row(kind=CHANGED, form={"role": "none"}),
    "POST /administration/staff/<uuid:staff_id>/shut-out": Row(kind=CHANGED),
    "POST /administration/staff/<uuid:staff_id>/let-in": Row(kind=CHANGED),
    "POST /administration/staff/<uuid:staff_id>/password": Row(kind=CHANGED),
    "POST /administration/texts/<uuid:template_id>/end": Row(kind=CHANGED),
    # The citizen's app
    "GET /citizens/<uuid:citizen_id>/app": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/app/pairings": Row(
        kind=OWN, form={"pairing_id": "{fresh_id}", "seen_as": "known"}
    ),
    "GET /citizens/<uuid:citizen_id>/app/pairings/<uuid:pairing_id>": Row(kind=OWN),
    "GET /app": Row(kind=APP),
    "POST /app/messages": Row(kind=APP, form={"message_id": "{fresh_id}", "text": "Hej"}),
    "GET /app/meetings": Row(kind=APP),
    "GET /app/meetings/<meeting_token>": Row(kind=APP_THING | {Who.CITIZEN_BY_CODE: Answer.LET_IN}),
    "POST /app/meetings/<meeting_token>/answer": Row(
        kind=APP_THING, form={"answer_id": "{fresh_id}", "revision": "1", "answer": "comes"}
    ),
    "GET /app/meetings/<meeting_token>/aftale.ics": Row(kind=APP_THING),
    "GET /app/search": Row(kind=APP),
    "POST /app/search": Row(kind=APP, form={"words": "aftale"}),
    "POST /app/outbox": Row(
        kind=everybody(Answer.UNKNOWN) | dict.fromkeys(CITIZENS, Answer.GONE),
        json={"id": "{fresh_id}", "session": "{fresh_id}", "sealed": "AAAA"},
        headers={"X-Outbox": "1", "Origin": "http://localhost"},
    ),
    "GET /app/papers": Row(kind=APP),
    "POST /app/papers": Row(kind=APP, form={"document_id": "{fresh_id}"}),
    "GET /app/papers/<uuid:document_id>": Row(kind=APP_THING | {Who.CITIZEN_BY_CODE: Answer.HIDDEN}),
    "POST /app/papers/<uuid:document_id>/begin": Row(
        kind=APP, form={"name": "cv.txt", "type": "text/plain", "size": "10"}
    ),
    "POST /app/papers/<uuid:document_id>/pieces/<int:number>": Row(kind=APP_BEGUN),
    "POST /app/papers/<uuid:document_id>/finish": Row(kind=APP_BEGUN),
    "GET /app/more": Row(kind=APP),
    "GET /app/devices": Row(kind=APP),
    "GET /app/push": Row(kind=APP),
    "POST /app/push": Row(kind=APP, form={"subscription": '{{"endpoint": "https://push.example.dk/{fresh_id}"}}'}),
    "POST /app/push/end": Row(kind=APP),
    "GET /app/login": Row(kind=everybody(Answer.LET_IN)),
    "GET /app/login/passkey": Row(kind=OPEN),
    "POST /app/login/passkey/question": Row(kind=OPEN),
    "POST /app/login/passkey": Row(kind=everybody(Answer.REFUSED)),
    "GET /app/passkey": Row(kind=APP),
    "POST /app/passkey/question": Row(kind=APP),
    "POST /app/passkey": Row(kind=APP, form={"answer": "{{}}"}),
    "POST /app/passkey/end": Row(kind=APP),
    "GET /app/login/mitid": Row(kind=everybody(Answer.HIDDEN)),
    "GET /app/login/mitid/return": Row(kind=everybody(Answer.HIDDEN)),
    "GET /app/login/code": Row(kind=OPEN),
    "POST /app/login/code": Row(kind=OPEN, form={"number": "20 00 00 01", "token": "{fresh_id}"}),
    "GET /app/login/code/enter": Row(kind=OPEN),
    "POST /app/login/code/enter": Row(kind=OPEN, form={"code": "123456"}),
    "GET /app/manifest.webmanifest": Row(kind=OPEN),
    "GET /app/start/<token>/manifest.webmanifest": Row(kind=OPEN),
    "GET /app/service-worker.js": Row(kind=OPEN),
    "GET /app/offline/<language>": Row(kind=OPEN),
    "GET /app/wishes": Row(kind=APP),
    "POST /app/wishes": Row(kind=APP, form={"sms": "no", "medium": "app", "language": "en", "interpreter": "ar"}),
    "GET /app/not-me": Row(kind=APP),
    "GET /app/closed": Row(kind=OPEN),
    "GET /app/help": Row(kind=OPEN),
    "POST /app/help/away": Row(kind=OPEN),
    "GET /app/privacy": Row(kind=OPEN),
    "GET /app/recognise": Row(kind=OPEN),
    "GET /app/accessibility": Row(kind=OPEN),
    "GET /app/leaving": Row(kind=OPEN),
    "GET /app/letters": Row(kind=OPEN),
    "POST /app/letters": Row(kind=OPEN, form={"letters": "large"}),
    "GET /app/start/<token>": Row(kind=APP_START | dict.fromkeys(CITIZENS, Answer.LET_IN)),
    "POST /app/start/<token>": Row(kind=APP_START),
    "GET /app/start/<token>/done": Row(kind=APP),
    "GET /app/start/<token>/open": Row(kind=APP),
    "POST /app/start/<token>/open": Row(kind=APP_START, form={"code": "123456"}),
    "GET /app/helpers": Row(kind=APP),
    "POST /app/helpers/<uuid:helper_id>/agree": Row(kind=APP_THING | {Who.CITIZEN_BY_CODE: Answer.LET_IN}),
    # Who reads along
    "GET /citizens/<uuid:citizen_id>/helpers": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/helpers": Row(
        kind=OWN, form={"helper_id": "{fresh_id}", "name": "Lars Lund", "kind": "mentor", "basis": "consent_in_app"}
    ),
    "POST /citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/offers": Row(
        kind=OWN, form={"offer_id": "{fresh_id}", "seen_as": "known"}
    ),
    "GET /citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/offers/<uuid:offer_id>": Row(kind=OWN),
    "GET /app/helping": Row(kind=OPEN),
    "GET /app/helping/<uuid:helper_id>": Row(kind=HELPING),
    "GET /app/helping/start/<token>": Row(kind=everybody(Answer.GONE)),
    "POST /app/helping/start/<token>": Row(kind=everybody(Answer.GONE)),
    # Doors
    "GET /sign-in": Row(kind=OPEN),
    "POST /sign-in": Row(kind=everybody(Answer.REFUSED)),
    "GET /sign-in/municipality": Row(kind=everybody(Answer.HIDDEN)),
    "GET /sign-in/municipality/return": Row(kind=everybody(Answer.HIDDEN)),
    "POST /language": Row(kind=OPEN, form={"language": "da"}),
    # For systems
    "GET /health/live": Row(kind=OPEN),
    "GET /health/ready": Row(kind=everybody(Answer.UNWELL)),
    "GET /metrics": Row(kind=OPEN),
    "GET /static/<path:filename>": Row(kind=OPEN),
    "GET /api/v1/docs": Row(kind=OPEN),
    "GET /api/v1/openapi.json": Row(kind=OPEN),
    "GET /api/v1/citizens": _api(API, "citizens:read"),
    "POST /api/v1/citizens": _api(API, "citizens:write", **CITIZEN),
    "POST /api/v1/citizens/search": _api(API, "citizens:read", cpr="0101990002"),
    "GET /api/v1/citizens/<uuid:citizen_id>": _api(API_THING, "citizens:read"),
    "POST /api/v1/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/accept": _api(API_THING, "citizens:write"),
    "POST /api/v1/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/release": _api(API_THING, "citizens:write"),
    "PUT /api/v1/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/shared": _api(API_THING, "citizens:write"),
    "DELETE /api/v1/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/shared": _api(API_THING, "citizens:write"),
    "PUT /api/v1/citizens/<uuid:citizen_id>/opt-out": _api(API_THING, "citizens:write"),
    "PUT /api/v1/citizens/<uuid:citizen_id>/target-group": _api(API_THING, "citizens:write", target_group="jobparat"),
    "DELETE /api/v1/citizens/<uuid:citizen_id>/opt-out": _api(API_THING, "citizens:write"),
    "GET /api/v1/conversations": _api(API, "conversations:read"),
    "POST /api/v1/conversations/<uuid:citizen_id>/settle": _api(API_THING, "conversations:write"),
    "GET /api/v1/conversations/<uuid:citizen_id>/messages": _api(API_THING, "messages:read"),
    "POST /api/v1/conversations/<uuid:citizen_id>/messages": _api(API_THING, "messages:write", text="Hej"),
    "GET /api/v1/messages/<uuid:message_id>": _api(API_THING, "messages:read"),
    "POST /api/v1/messages/<uuid:message_id>/cancel": _api(API_THING, "messages:write"),
    "GET /api/v1/appointments": _api(API, "appointments:read"),
    "POST /api/v1/appointments": _api(API, "appointments:write", citizen_id="{citizen_id}"),
    "POST /api/v1/group-appointments": _api(API, "appointments:write", external_id="H1"),
    "GET /api/v1/appointments/<uuid:appointment_id>": _api(API_THING, "appointments:read"),
    "PATCH /api/v1/appointments/<uuid:appointment_id>": _api(API_THING, "appointments:write", minutes=30),
    "POST /api/v1/appointments/<uuid:appointment_id>/outcome": _api(API_THING, "appointments:write", outcome="held"),
    "POST /api/v1/appointments/<uuid:appointment_id>/outcome/correction": _api(
        API_THING, "appointments:write", outcome="held", reason="forkert"
    ),
    "POST /api/v1/appointments/<uuid:appointment_id>/cancel": _api(API_THING, "appointments:write", reason="sygdom"),
    "PUT /api/v1/appointments/by-external-id/<whole:external_id>": _api(
        API_THING, "appointments:write", citizen_id="{citizen_id}", **MEETING
    ),
    "GET /api/v1/appointments/by-external-id/<whole:external_id>": _api(API_ANOTHERS, "appointments:read"),
    "POST /api/v1/appointments/by-external-id/<whole:external_id>/cancel": _api(
        API_THING, "appointments:write", reason="sygdom"
    ),
    "PUT /api/v1/free-times": _api(API, "appointments:write", items=[]),
    "GET /api/v1/time-wishes": _api(API, "appointments:read"),
    "GET /api/v1/reminder-log": _api(API, "appointments:read"),
    "GET /api/v1/documents/<uuid:document_id>": _api(API_THING, "documents:read"),
    "GET /api/v1/templates": _api(API, "templates:read"),
    "GET /api/v1/keys": _api(API, "keys:manage"),
    "POST /api/v1/keys": _api(API, "keys:manage", name="ny", scopes=["citizens:read"]),
    "DELETE /api/v1/keys/<uuid:key_id>": _api(API_THING, "keys:manage"),
    # Late, for they end something
    "POST /citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/end": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/close": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/reopen": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/app/devices/<uuid:device_id>/end": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/sign-out": Row(kind=OWN),
    "POST /citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/end": Row(kind=OWN),
    "POST /app/helpers/<uuid:helper_id>/end": Row(kind=APP_THING),
    "POST /app/devices/<uuid:device_id>/end": Row(kind=APP_THING),
    "POST /app/devices/end-others": Row(kind=APP),
    # Last, for they end the session that asks
    "POST /app/not-me": Row(kind=APP),
    "POST /app/sign-out": Row(kind=everybody(Answer.APP_SIGN_IN)),
    "POST /app/helping/sign-out": Row(kind=everybody(Answer.HELPS_NOBODY)),
    "POST /sign-out": Row(kind=everybody(Answer.SIGN_IN)),
}

NO_CONTENT = {
    # Who there is, when, and how many: names, times and counts, but nothing that anybody wrote.
    "GET /",
    "GET /conversations",
    "GET /team",
    "GET /search",
    "GET /live",
    "GET /handover",
    "GET /incidents",
    "GET /absences",
    "GET /absences/<uuid:absence_id>/day",
    "GET /citizens/<uuid:citizen_id>/reason",
    "GET /citizens/<uuid:citizen_id>/contacts/new",
    "GET /api/v1/keys",
    "GET /api/v1/templates",
    "GET /batches",
    "GET /batches/new",
    # Nobody has answered about a meeting or added to a reminder here; what stands there of either is audited.
    "GET /meetings",
    # The message has been called back by then, so both lead back to the thread; reading one that waits is audited.
    "GET /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/edit",
    "POST /conversations/<uuid:citizen_id>/messages/<uuid:message_id>/edit",
    # The document has been inspected by then, so nothing is tried again; what is stuck and tried again is audited.
    "POST /citizens/<uuid:citizen_id>/documents/<uuid:document_id>/again",
    # What a citizen sees of herself before and beside her messages.
    "GET /app/search",
    # The document has come in by then; what comes in is audited when it begins and when it is whole.
    "POST /app/papers/<uuid:document_id>/begin",
    "POST /app/papers/<uuid:document_id>/pieces/<int:number>",
    "GET /app/more",
    "GET /app/devices",
    "GET /app/push",
    "GET /app/login",
    "GET /app/login/code",
    "GET /app/login/passkey",
    "POST /app/login/passkey/question",
    "GET /app/passkey",
    "POST /app/passkey/question",
    "GET /app/login/code/enter",
    "GET /app/wishes",
    "GET /app/not-me",
    "GET /app/closed",
    "GET /app/help",
    "POST /app/help/away",
    "GET /app/privacy",
    "GET /app/recognise",
    "GET /app/accessibility",
    "GET /app/leaving",
    "GET /app/letters",
    "POST /app/letters",
    "GET /app/start/<token>",
    "GET /app/start/<token>/done",
    "GET /app/start/<token>/open",
    # What somebody who reads along sees before and beside a thread.
    "GET /app/helping",
    "GET /app/helping/start/<token>",
    # The two questions: an entry would say when somebody answered.
    "GET /pulse",
    "GET /p",
    "GET /p/thanks",
    "GET /p/<code>",
    # Nobody's data.
    "GET /app/manifest.webmanifest",
    "GET /app/start/<token>/manifest.webmanifest",
    "GET /app/service-worker.js",
    "GET /app/offline/<language>",
    "POST /messages/measure",
    "POST /language",
    "GET /sign-in",
    "GET /health/live",
    "GET /metrics",
    "GET /static/<path:filename>",
    "GET /api/v1/docs",
    "GET /api/v1/openapi.json",
}
"""Routes that show no content and change nothing of ours; every other one leaves an entry in the audit trail (A3)."""
