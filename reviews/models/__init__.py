from reviews.models.application import Application, CaseFact, Evidence, PayeeShare
from reviews.models.calendar import CalendarDay
from reviews.models.conflict import CaseReading, Declaration
from reviews.models.determination import Determination
from reviews.models.objection import Objection, Reconsideration, Resolution
from reviews.models.publicity import PublicityItem, PublicityNotice
from reviews.models.reminder import Reminder
from reviews.models.signature import Signature
from reviews.models.simulation import Simulation
from reviews.models.staff import StaffRole
from reviews.models.supplement import Commitment, Defect
from reviews.models.sweep import Sweep, SweepRow
from reviews.models.task import Opinion, ReviewTask

__all__ = [
    "Application",
    "CalendarDay",
    "CaseFact",
    "CaseReading",
    "Commitment",
    "Declaration",
    "Defect",
    "Determination",
    "Evidence",
    "Objection",
    "Opinion",
    "PayeeShare",
    "PublicityItem",
    "PublicityNotice",
    "Reconsideration",
    "Reminder",
    "Resolution",
    "ReviewTask",
    "Signature",
    "Simulation",
    "StaffRole",
    "Sweep",
    "SweepRow",
]
