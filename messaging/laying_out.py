"""Making the databases ready: the newest tables in both, and the shipped texts in theirs."""

from messaging.appointments import (
    exposure_models,
    free_time_models,
    guidance_models,
    import_models,
    plan_models,
    planned_models,
)
from messaging.appointments import models as appointments_models
from messaging.appointments.seeding import seed
from messaging.attendance import models as attendance_models
from messaging.citizen_app import code_models, passkey_models, push_models
from messaging.citizen_app import helper_models as helper_access_models
from messaging.citizen_app import models as citizen_app_models
from messaging.composing import open_keystore
from messaging.config import Config
from messaging.conversations import (
    attachment_models,
    automatic_models,
    batch_models,
    file_models,
    note_models,
    opening_models,
    secret_texts,
    stop_models,
    threat_models,
    unit_name_models,
)
from messaging.database import leadership
from messaging.database.base import Base
from messaging.database.engine import Database
from messaging.database.migrating import VERSIONS, is_current, migrate
from messaging.documents import models as document_models
from messaging.evaluation import models as evaluation_models
from messaging.experience import interview_models
from messaging.experience import models as experience_models
from messaging.people import helper_models
from messaging.trial import group_models
from messaging.trial import models as trial_models
from messaging.vault.keystore import VERSIONS as KEYSTORE_VERSIONS
from messaging.vault.keystore import KeystoreBase
from messaging.volumes import models as volumes_models
from messaging.web import models as web_models
from messaging.work import models as work_models

ROOMS_WITH_TABLES = (
    appointments_models,
    attendance_models,
    attachment_models,
    automatic_models,
    batch_models,
    citizen_app_models,
    code_models,
    guidance_models,
    document_models,
    evaluation_models,
    experience_models,
    exposure_models,
    free_time_models,
    group_models,
    helper_access_models,
    helper_models,
    document_models,
    file_models,
    guidance_models,
    leadership,
    note_models,
    opening_models,
    push_models,
    passkey_models,
    plan_models,
    import_models,
    interview_models,
    planned_models,
    secret_texts,
    unit_name_models,
    stop_models,
    threat_models,
    trial_models,
    volumes_models,
    web_models,
    work_models,
)
"""Modules whose tables the others do not bring along by importing them."""


def lay_out(config: Config) -> None:
    """Bring both databases to the newest version and put in the shipped texts that are not there."""
    keystore = open_keystore(config)
    migrate(keystore, versions=KEYSTORE_VERSIONS, metadata=KeystoreBase.metadata)
    database = Database(config.database_url, pool_size=1)
    migrate(database, versions=VERSIONS, metadata=Base.metadata)
    with database.write() as session:
        seed(session)
    keystore.close()
    database.close()


def is_laid_out(database: Database) -> bool:
    """Whether the service's database is at the newest version."""
    return is_current(database, versions=VERSIONS)
