"""Every kind of reminder: its cause, and at each stage when it is written and to whom."""

from dataclasses import dataclass

from reviews.domain import reminder_causes as causes
from reviews.domain.reminder_people import MEMBERS, REVIEWERS, of_bureau, of_city
from reviews.models.reminder import ReminderKind, ReminderStage
from reviews.models.staff import Role

AHEAD, PAST = ReminderStage.AHEAD, ReminderStage.PAST


@dataclass(frozen=True)
class Stage:
    """`notice` is its kind, `people` SQL; `days` the setting that counts its working days."""

    notice: str
    people: str
    days: str = "reminder_days"
    event: str = ""  # written beside the notice, in the case


@dataclass(frozen=True)
class Sort:
    cause: str
    stages: dict[ReminderStage, Stage]


def _both(kind: str, people: str, past: str = "") -> dict[ReminderStage, Stage]:
    """A reminder ahead of the deadline, and one when it has passed."""
    return {
        AHEAD: Stage(f"reminder.{kind}_due", people),
        PAST: Stage(f"reminder.{kind}_overdue", past or people),
    }


ANSWERERS = of_bureau(Role.APPROVER, Role.LEADER)
PAYING = of_city(Role.FINANCE_PREPARER)
EVALUATING = of_bureau(Role.PREPARER, Role.APPROVER)

ESCALATION = {
    ReminderStage.LEADER: Stage(
        "reminder.escalated_to_leader",
        of_bureau(Role.LEADER),
        "escalate_leader_days",
        "task.escalated_to_leader",
    ),
    ReminderStage.OFFICE: Stage(
        "reminder.escalated_to_office",
        of_city(Role.COORDINATOR),
        "escalate_office_days",
        "task.escalated_to_office",
    ),
}
KINDS: dict[ReminderKind, Sort] = {
    ReminderKind.WINDOW_CLOSING: Sort(
        causes.WINDOWS, {AHEAD: Stage("reminder.window_closing", MEMBERS)}
    ),
    ReminderKind.SUPPLEMENT_DUE: Sort(causes.SUPPLEMENTS, _both("supplement", MEMBERS)),
    ReminderKind.REVIEW_DUE: Sort(causes.TASKS, _both("review", REVIEWERS) | ESCALATION),
    ReminderKind.COMMITMENT_DUE: Sort(causes.COMMITMENTS, _both("commitment", MEMBERS)),
    ReminderKind.OBLIGATION_DUE: Sort(
        causes.OBLIGATIONS, _both("obligation", MEMBERS, f"{MEMBERS} UNION {EVALUATING}")
    ),
    ReminderKind.OBJECTION_DUE: Sort(causes.OBJECTIONS, _both("objection", ANSWERERS)),
    ReminderKind.RECONSIDERATION_DUE: Sort(
        causes.RECONSIDERATIONS, _both("reconsideration", ANSWERERS)
    ),
    ReminderKind.PUBLICITY_ENDED: Sort(
        causes.LISTS, {PAST: Stage("reminder.publicity_ended", of_bureau(Role.APPROVER))}
    ),
    ReminderKind.PAYMENT_DUE: Sort(causes.PAYMENTS, _both("payment", PAYING)),
    ReminderKind.INSTALMENT_DUE: Sort(
        causes.INSTALMENTS, {AHEAD: Stage("reminder.instalment_due", PAYING)}
    ),
    ReminderKind.STATUS_EXPIRING: Sort(
        causes.ENTRIES, {AHEAD: Stage("register.expiring", MEMBERS, "expiry_reminder_days")}
    ),
}
