"""Target groups in plain Danish."""

from collections.abc import Mapping

from messaging.trial.target_groups import TargetGroup
from messaging.web.language import later

PACKAGED = {
    "uddannelsesparat": later("Uddannelsesparate"),
    "aabenlyst_uddannelsesparat": later("Åbenlyst uddannelsesparate"),
    "aktivitetsparat": later("Aktivitetsparate"),
    "jobparat": later("Jobparate"),
    "ressourceforloeb": later("I ressourceforløb"),
    "sygedagpenge": later("På sygedagpenge"),
}
"""What the groups of the packaged list are called, by their codes; one that is not here stands by its code."""

WRONG = {
    "code": later("Koden har højst 40 bogstaver, tal, - og _ og intet langt tal. Intet er gemt."),
    "name": later("Navnet har 2 til 60 tegn og intet langt tal. Intet er gemt."),
    "first_day": later("Vælg en første dag fra i dag og højst to år frem. Intet er gemt."),
    "last_day": later("Den sidste dag er en dag efter den første, eller feltet er tomt. Intet er gemt."),
}
WRONG_END = {
    "code": later("Målgruppen gælder ikke den dag. Intet er gemt."),
    "first_day": later("Vælg en dag fra i dag og højst to år frem. Intet er gemt."),
}
NOT_DONE = {
    "own_draft": later("Du har selv skrevet det. En anden superbruger skal skrive under."),
    "no_longer_waiting": later("Det er allerede afgjort, eller den sidste dag er forbi. Se listen igen."),
}


def group_in_words(code: str, *, name: str | None) -> str:
    """Return what a target group is called: as superusers named it, or as the packaged ones are called."""
    return name or str(PACKAGED.get(code, code))


def groups_in_words(groups: Mapping[str, TargetGroup]) -> Mapping[str, str]:
    """Return what these groups are called by their codes, in the order of their names."""
    names = {code: group_in_words(code, name=group.name) for code, group in groups.items()}
    return dict(sorted(names.items(), key=lambda named: named[1].casefold()))
