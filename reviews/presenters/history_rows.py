"""What stands in tables of its own and not in events: notes, handovers, readings, money."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.templatetags.huiqi import yuan
from incentives.models import LedgerEntry
from reviews.domain.notes import notes_of
from reviews.models import Application, CaseReading, Handover, Reminder, Signature
from reviews.presenters.history_entry import Entry

SHOWN_AS_ROWS = frozenset(
    {"note.written", "task.assigned", "task.given_back", "determination.signed"}
)
DOORS = {
    "desk": gettext_lazy("at the desk"),
    "letter": gettext_lazy("a letter"),
    "api": gettext_lazy("through the API"),
    "history": gettext_lazy("its full history"),
}


def entries(case: Application) -> Iterator[Entry]:
    yield from _notes(case)
    yield from _handovers(case)
    yield from _signatures(case)
    yield from _money(case)
    yield from _reminders(case)
    yield from _readings(case)


def _notes(case: Application) -> Iterator[Entry]:
    for note in notes_of(case):
        people = "、".join(str(person) for person in note.mentions.all())
        lines = [_("to %s") % people] if people else []
        says = _("note of %s") % note.bureau
        yield Entry(note.at, "notes", says, note.author, note.text, lines)


def _handovers(case: Application) -> Iterator[Entry]:
    rows = Handover.objects.filter(task__application=case).order_by("id")
    beside = ("task__bureau", "handed_from", "handed_to", "handed_by")
    for row in rows.select_related(*beside):
        before = str(row.handed_from or row.task.bureau)
        after = str(row.handed_to or row.task.bureau)
        says = _("%(task)s passes from %(before)s to %(after)s")
        filled = says % {"task": row.task.get_kind_display(), "before": before, "after": after}
        yield Entry(row.at, "desk", filled, row.handed_by, row.reason)


def _signatures(case: Application) -> Iterator[Entry]:
    rows = Signature.objects.filter(determination__application=case).order_by("id")
    for row in rows.select_related("determination", "signed_by"):
        told = {"level": row.level, "of": row.determination.signatures_needed}
        says = _("signature %(level)s of %(of)s") % told
        yield Entry(row.signed_at, "decision", says, row.signed_by, row.note)


def _money(case: Application) -> Iterator[Entry]:
    rows = LedgerEntry.objects.filter(city=case.city_id, case_number=case.number).order_by("id")
    for row in rows.select_related("actor", "payee", "line__batch"):
        says = f"{row.get_stage_display()} {yuan(row.amount)}"
        lines = [_("payee: %s") % row.payee] if row.payee else []
        if row.line:
            lines.append(_("payout batch %s") % row.line.batch)
        yield Entry(row.posted_at, "money", says, row.actor, row.reason, lines)


def _reminders(case: Application) -> Iterator[Entry]:
    rows = Reminder.objects.filter(application=case, sent_at__isnull=False).order_by("id")
    for row in rows.select_related("task__bureau"):
        says = f"{row.get_kind_display()} · {row.get_stage_display()}"
        lines = [_("due on %s") % row.due_on.isoformat()]
        if row.task:
            lines.append(f"{row.task.bureau} · {row.task.get_kind_display()}")
        if row.sent_at:
            yield Entry(row.sent_at, "reminders", says, None, "", lines)


def _readings(case: Application) -> Iterator[Entry]:
    """But for papers: those have events that say which."""
    readings = CaseReading.objects.filter(application=case).exclude(door="document")
    for row in readings.select_related("user").order_by("id"):
        door = DOORS.get(row.door, row.door)
        yield Entry(row.at, "reading", _("opened the case: %s") % door, row.user)
