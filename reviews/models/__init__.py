from reviews.models.application import Application, CaseFact, Evidence, PayeeShare
from reviews.models.calendar import CalendarDay
from reviews.models.determination import Determination
from reviews.models.publicity import PublicityItem, PublicityNotice
from reviews.models.reminder import Reminder
from reviews.models.simulation import Simulation
from reviews.models.staff import StaffRole
from reviews.models.sweep import Sweep, SweepRow
from reviews.models.task import Opinion, ReviewTask

__all__ = [
    "Application",
    "CalendarDay",
    "CaseFact",
    "Determination",
    "Evidence",
    "Opinion",
    "PayeeShare",
    "PublicityItem",
    "PublicityNotice",
    "Reminder",
    "ReviewTask",
    "Simulation",
    "StaffRole",
    "Sweep",
    "SweepRow",
]
