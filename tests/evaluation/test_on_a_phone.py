"""The report as a file of its own is read on any screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from messaging.clock import FixedClock
from messaging.evaluation.forms import write
from messaging.evaluation.reporting import make_report
from messaging.runtime import Runtime
from tests.evaluation.kept import OPENS, keep
from tests.evaluation.test_reporting import helped
from tests.journeys.browsing import TELEPHONE, TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


def test_the_page_is_no_wider_than_the_phone(runtime: Runtime, clock: FixedClock, page: Page, tmp_path: Path) -> None:
    keep(runtime, helped())
    clock.moment = OPENS
    file = tmp_path / "pilot.html"
    file.write_bytes(write(make_report(runtime), ".html"))
    page.set_viewport_size(TELEPHONE)
    page.goto(file.as_uri())

    assert page.evaluate(TOO_WIDE) == 0
