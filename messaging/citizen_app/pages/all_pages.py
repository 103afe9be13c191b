"""All pages of this room, as the application takes them in."""

from collections.abc import Sequence

from flask import Blueprint

from messaging.citizen_app.pages import (
    about,
    code,
    devices,
    help_now,
    helper_desk,
    helping,
    installed,
    letters,
    meetings,
    more,
    my_helpers,
    not_me,
    outbox,
    papers,
    passkeys,
    phones,
    push,
    search,
    start,
    thread,
    ways,
    wishes,
)

ALL_PAGES: Sequence[Blueprint] = (
    phones.phones,
    helper_desk.helper_desk,
    installed.installed,
    outbox.outbox_pages,
    start.start_pages,
    ways.ways,
    code.code_pages,
    passkeys.app_passkeys,
    thread.app_thread,
    meetings.app_meetings,
    papers.app_papers,
    search.app_search,
    devices.app_devices,
    push.app_push,
    wishes.app_wishes,
    help_now.help_pages,
    not_me.not_me,
    not_me.closed,
    about.about,
    letters.letter_pages,
    more.more,
    my_helpers.my_helpers,
    helping.helping,
)
