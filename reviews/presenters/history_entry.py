"""One thing that happened in a case, and the groups by which a reader picks."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from applicants.models import Document, User

GROUPS: dict[str, str | Promise] = {
    "filing": _("filing and supplements"),
    "review": _("acceptance and facts"),
    "opinions": _("opinions"),
    "decision": _("determination"),
    "money": _("money"),
    "publicity": _("publicity and objections"),
    "letters": _("letters"),
    "desk": _("who has the work"),
    "notes": _("notes"),
    "reading": _("declarations and readings"),
    "reminders": _("reminders"),
}
IN_GROUP = {
    "case.started": "filing",
    "case.offered": "filing",
    "case.submitted": "filing",
    "case.supplemented": "filing",
    "case.withdrawn": "filing",
    "case.returned": "filing",
    "case.published": "publicity",
    "case.objected_away": "publicity",
    "case.awarded": "money",
    "case.concluded": "money",
    "objection.resolved": "opinions",
    "document.read": "reading",
}
OF_PREFIX = {
    "commitment": "filing",
    "opinion": "opinions",
    "determination": "decision",
    "round": "decision",
    "finance": "money",
    "payment": "money",
    "finding": "money",
    "settlement": "money",
    "register": "money",
    "objection": "publicity",
    "reconsideration": "publicity",
    "letter": "letters",
    "interest": "reading",
    "reminder": "reminders",
    "task": "desk",
}


@dataclass
class Entry:
    """One thing that happened. `who` is empty for the program itself; `office` tells the role."""

    at: datetime
    group: str
    says: str
    person: User | None = None
    reason: str = ""
    lines: list[str] = field(default_factory=list)
    papers: list[Document] = field(default_factory=list)
    office: str = ""
    for_whom: str = ""

    @property
    def who(self) -> str:
        return str(self.person) if self.person else _now("Huiqi")


def group_of(kind: str) -> str:
    return IN_GROUP.get(kind) or OF_PREFIX.get(kind.partition(".")[0], "review")
