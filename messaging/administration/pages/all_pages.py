"""The pages of the administration, as the application takes them in."""

from messaging.administration.pages.audit_trail import audit_trail
from messaging.administration.pages.background import background
from messaging.administration.pages.channels import channels
from messaging.administration.pages.evaluation import evaluation_pages
from messaging.administration.pages.experience import experience_pages
from messaging.administration.pages.hours import hour_pages
from messaging.administration.pages.interviews import interview_pages
from messaging.administration.pages.journal_health import journal_health
from messaging.administration.pages.keys import key_pages
from messaging.administration.pages.meeting_words import word_pages
from messaging.administration.pages.missing_outcomes import missing_outcomes
from messaging.administration.pages.overview import administration
from messaging.administration.pages.reminder_plans import plan_pages
from messaging.administration.pages.reply_rules import reply_rules
from messaging.administration.pages.staff import staff_pages
from messaging.administration.pages.target_groups import group_pages
from messaging.administration.pages.texts import text_pages
from messaging.administration.pages.trial import trial_pages
from messaging.administration.pages.unit_names import unit_name_pages
from messaging.administration.pages.volumes import volume_pages

ALL_PAGES = (
    administration,
    text_pages,
    staff_pages,
    hour_pages,
    unit_name_pages,
    group_pages,
    word_pages,
    plan_pages,
    channels,
    journal_health,
    background,
    trial_pages,
    evaluation_pages,
    missing_outcomes,
    reply_rules,
    experience_pages,
    interview_pages,
    volume_pages,
    key_pages,
    audit_trail,
)
