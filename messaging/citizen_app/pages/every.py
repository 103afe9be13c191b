"""All pages of the citizen's app, for the wiring to put in."""

from messaging.citizen_app.pages import devices, installed, meetings, more, outbox, papers, search, start, thread, ways

APP_PAGES = (
    installed.installed,
    outbox.outbox_pages,
    start.start_pages,
    ways.ways,
    thread.app_thread,
    meetings.app_meetings,
    search.app_search,
    papers.app_papers,
    devices.app_devices,
    more.more,
)
