"""The words of the page on which messages are found again."""

from messaging.conversations.models import Direction

DIRECTIONS: dict[Direction, str] = {Direction.IN: "Borgeren skrev", Direction.OUT: "Vi skrev"}

TEMPLATES: dict[str, str] = {
    "M1": "Påmindelse tre dage før",
    "M2": "Påmindelse dagen før",
    "M3": "Svar på ønske om ny tid",
    "M4": "Ny tid",
    "M5": "Et dokument mangler",
    "M6": "Hvad mødet handler om",
    "M7": "Velkomst",
    "M8": "Svar på STOP",
    "M9": "En besked venter efter login",
    "M10": "Efter et møde uden fremmøde",
    "M11": "Uden for åbningstiden",
    "M12": "Private oplysninger i sms",
    "M13": "Aflysning fra os",
    "start": "Svar på START",
    "help": "Svar på HJÆLP",
    "danger": "Tegn på fare",
}
"""What the shipped texts are for, by their key."""
