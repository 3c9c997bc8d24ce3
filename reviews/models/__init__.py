from reviews.models.application import Application, CaseFact, Evidence, PayeeShare
from reviews.models.assistance import Assistance
from reviews.models.audit import AuditCommission, AuditReport
from reviews.models.calendar import CalendarDay
from reviews.models.conflict import CaseReading, Declaration
from reviews.models.desk import CaseNote, Delegation, Handover, SavedView
from reviews.models.determination import Determination
from reviews.models.letter import Letter, LetterTemplate, Seal
from reviews.models.objection import Objection, Reconsideration, Resolution
from reviews.models.obligation import Obligation
from reviews.models.outlook import Outlook, OutlookAsk, OutlookDecision, OutlookLimit
from reviews.models.publicity import PublicityItem, PublicityNotice
from reviews.models.reminder import Reminder
from reviews.models.round import Expert, RoundCase, ScoreSheet, ScoringRound
from reviews.models.signature import Signature
from reviews.models.simulation import Simulation
from reviews.models.staff import StaffRole
from reviews.models.supplement import Commitment, Defect
from reviews.models.sweep import Sweep, SweepRow
from reviews.models.task import Opinion, OpinionPaper, ReviewTask

__all__ = [
    "Application",
    "Assistance",
    "AuditCommission",
    "AuditReport",
    "CalendarDay",
    "CaseFact",
    "CaseNote",
    "CaseReading",
    "Commitment",
    "Declaration",
    "Defect",
    "Delegation",
    "Determination",
    "Evidence",
    "Expert",
    "Handover",
    "Letter",
    "LetterTemplate",
    "Objection",
    "Obligation",
    "Opinion",
    "OpinionPaper",
    "Outlook",
    "OutlookAsk",
    "OutlookDecision",
    "OutlookLimit",
    "PayeeShare",
    "PublicityItem",
    "PublicityNotice",
    "Reconsideration",
    "Reminder",
    "Resolution",
    "ReviewTask",
    "RoundCase",
    "SavedView",
    "ScoreSheet",
    "ScoringRound",
    "Seal",
    "Signature",
    "Simulation",
    "StaffRole",
    "Sweep",
    "SweepRow",
]
