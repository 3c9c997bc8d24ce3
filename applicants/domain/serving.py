"""How a person is told: what the law has served goes out at once, the rest as they wish."""

from collections.abc import Iterable

from applicants.models import Notice, NoticePreference, User
from applicants.models.notice import EmailMode

SERVED = frozenset(
    {
        "case.accepted",
        "case.returned",
        "case.not_accepted",
        "case.refused",
        "case.awarded",
        "case.concluded",
        "case.taken_up_again",
        "reconsideration.changed",
        "reconsideration.upheld",
        "objection.upheld",
        "objection.rejected",
    }
)
SERVED_FAMILIES = ("letter.", "recovery.", "finding.", "settlement.")
DEADLINES = ("reminder.", "register.expiring", "register.voucher_expiring")


def is_served(kind: str) -> bool:
    """A return, a decision, a letter or a demand: nobody can turn its e-mail off."""
    return kind in SERVED or kind.startswith(SERVED_FAMILIES)


def is_deadline(kind: str) -> bool:
    return kind.startswith(DEADLINES)


def address(notices: Iterable[Notice]) -> list[Notice]:
    """Set how each is e-mailed, by the wish of its reader; two queries however many."""
    rows = list(notices)
    readers = {row.user_id for row in rows if not is_served(row.kind)}
    wishes = dict(NoticePreference.objects.filter(user__in=readers).values_list("user", "email"))
    staff = set(User.objects.filter(pk__in=readers, is_staff=True).values_list("pk", flat=True))
    for row in rows:
        row.email_mode = _mode(row, wishes.get(row.user_id), row.user_id in staff)
    return rows


def _mode(notice: Notice, wish: str | None, is_staff: bool) -> str:
    if is_served(notice.kind):
        return EmailMode.EACH
    return wish or (EmailMode.DIGEST if usual(is_staff, notice.kind) else EmailMode.EACH)


def usual(is_staff: bool, kind: str) -> bool:
    """Whoever has said nothing: a reviewer with many cases gets deadlines once a day, together."""
    return is_staff and is_deadline(kind)


def usual_mode(user: User) -> str:
    """For deadlines, where the person has said nothing."""
    return EmailMode.DIGEST if user.is_staff else EmailMode.EACH


# The same in SQL, for a reminder (never served) to user `u`.
MODE_OF_REMINDER = """
coalesce((SELECT n.email FROM applicants_noticepreference n WHERE n.user_id = u.id),
         CASE WHEN u.is_staff THEN 'digest' ELSE 'each' END)
"""
