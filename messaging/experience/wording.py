"""The questions, the same in all arms, and their answers."""

from messaging.experience.figures import ALL
from messaging.experience.interview_models import Side
from messaging.experience.models import Group, Question, Rating, Wave
from messaging.people.arm_models import Arm
from messaging.web.language import later as _

CITIZENS: dict[Question, str] = {
    Question.CONTACT: _("Var det let at få kontakt med os før mødet?"),
    Question.PURPOSE: _("Vidste du før mødet, hvad det skulle handle om?"),
}
STAFF: dict[Question, str] = {
    Question.REACHING: _("Er det let at få kontakt med dine borgere?"),
    Question.IN_TIME: _("Får du besked i god tid, når en borger ikke kan komme?"),
}
RATINGS: dict[Rating, str] = {
    Rating.YES: _("Ja"),
    Rating.MOSTLY: _("Ja, for det meste"),
    Rating.HARDLY: _("Nej, ikke rigtigt"),
    Rating.NO: _("Nej, slet ikke"),
    Rating.UNSURE: _("Det ved jeg ikke"),
}
ARMS: dict[Arm, str] = {Arm.SMS: _("Sms"), Arm.APP: _("App"), Arm.CONTROL: _("Kontrol")}
GROUPS: dict[Group, str] = {
    Group.SMS: _("Sms"),
    Group.APP: _("App"),
    Group.CONTROL: _("Kontrol"),
    Group.NONE: _("Uden for grupperne"),
}
TOGETHER: dict[str, str] = {ALL: _("Alle")}
"""The one column until the groups may be told apart."""
WAVES: dict[Wave, str] = {Wave.BEFORE: _("Før"), Wave.DURING: _("Undervejs"), Wave.AFTER: _("Efter")}
SIDES: dict[Side, str] = {Side.CITIZEN: _("Borgere"), Side.STAFF: _("Medarbejdere")}
