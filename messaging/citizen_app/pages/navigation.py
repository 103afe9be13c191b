"""What leads where in the app: the menu, the page "Mere", and the foot of every page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from messaging.runtime import Runtime
from messaging.web.language import later as _


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the app's navigation, or of its page "Mere": a Danish label and the endpoint it leads to."""

    label: str
    endpoint: str
    sentence: str | None = None
    """What one finds there, for the page "Mere"."""
    is_there: Callable[[Runtime], bool] = lambda _runtime: True
    """Whether this deployment has it."""


NAVIGATION: Sequence[Entry] = (
    Entry(label=_("Beskeder"), endpoint="app_thread.show"),
    Entry(label=_("Møder"), endpoint="app_meetings.overview"),
    Entry(label=_("Papirer"), endpoint="app_papers.show"),
    Entry(label=_("Mere"), endpoint="app_more.show"),
)
MORE: Sequence[Entry] = (
    Entry(
        label=_("Find igen"),
        endpoint="app_search.search",
        sentence=_("Søg i dine egne beskeder."),
    ),
    Entry(
        label=_("Fingeraftryk eller ansigt"),
        endpoint="app_passkeys.show",
        sentence=_("Log ind igen med fingeraftryk, ansigt eller telefonens kode."),
    ),
    Entry(
        label=_("Mine telefoner"),
        endpoint="app_devices.overview",
        sentence=_("Se, hvilke telefoner der kan læse dine beskeder, og luk for dem."),
    ),
    Entry(
        label=_("Giv besked på telefonen"),
        endpoint="app_push.show",
        sentence=_("Telefonen siger til, når du har en ny besked."),
        is_there=lambda runtime: runtime.push is not None,
    ),
    Entry(
        label=_("Hvem kan se mine beskeder?"),
        endpoint="my_helpers.overview",
        sentence=_("Se, hvem der kan læse med, og sig nej."),
    ),
    Entry(
        label=_("Sådan skriver vi til dig"),
        endpoint="app_wishes.show",
        sentence=_("Sms eller app, dansk eller engelsk, og tolk."),
    ),
    Entry(
        label=_("Store bogstaver"),
        endpoint="app_letters.show",
        sentence=_("Gør teksten større, eller få den læst op."),
    ),
    Entry(
        label=_("Hvis du har det svært"),
        endpoint="app_help.show",
        sentence=_("Numre, du kan ringe til nu."),
    ),
    Entry(
        label=_("Forlad siden hurtigt"),
        endpoint="app_about.leaving",
        sentence=_("Et tryk, og du ser en helt anden side."),
    ),
    Entry(
        label=_("Det er ikke mig"),
        endpoint="app_not_me.ask",
        sentence=_("Luk appen, hvis beskederne er til en anden."),
    ),
    Entry(
        label=_("Sådan bruger vi dine oplysninger"),
        endpoint="app_about.privacy",
        sentence=_("Hvad vi gemmer om dig, hvorfor, og hvad du kan gøre."),
    ),
    Entry(
        label=_("Sådan kender du os"),
        endpoint="app_about.recognise",
        sentence=_("Vi sender aldrig links i en sms og beder aldrig om en kode."),
    ),
)
FOOTER: Sequence[Entry] = (
    Entry(label=_("Store bogstaver"), endpoint="app_letters.show"),
    Entry(label=_("Dine oplysninger"), endpoint="app_about.privacy"),
    Entry(label=_("Sådan kender du os"), endpoint="app_about.recognise"),
    Entry(label=_("Tilgængelighed"), endpoint="app_about.accessibility"),
    Entry(label=_("Forlad siden hurtigt"), endpoint="app_about.leaving"),
)
"""What everybody may read stands at the foot of every page."""
