import ast
from collections.abc import Iterator
from pathlib import Path

import applicants
import incentives
import reviews
from incentives.domain import registers
from incentives.domain.export_kinds import KINDS
from reviews.domain.event_words import WORDS

WRITERS = {"Event", "record", "note", "_note", "move", "move_many", "_take_on", "determine_anew"}
WRITERS |= {"happened", "_kept", "_record"}  # of rounds, experts and staff


def kinds_written() -> Iterator[str]:
    """Each kind of event that stands as a constant in a call which writes one."""
    for app in (applicants, incentives, reviews):
        for file in Path(app.__path__[0]).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and _name(call.func) in WRITERS:
                    yield from _kinds(call)


def _name(function: ast.expr) -> str:
    return str(getattr(function, "id", getattr(function, "attr", "")))


def _kinds(call: ast.Call) -> Iterator[str]:
    named = [word.value for word in call.keywords if word.arg in ("kind", "event")]
    for argument in (*call.args, *named):
        for part in ast.walk(argument):
            text = part.value if isinstance(part, ast.Constant) else None
            if isinstance(text, str) and "." in text[:-1] and " " not in text:
                yield text


def test_every_event_has_words() -> None:
    of_results = {"payment.paid", "payment.returned"}  # made from the state of the payout line
    of_results |= {"reconsideration.changed", "reconsideration.upheld"}  # from its state
    of_results |= {"case.offered", "party.imported"}  # written for many at once
    of_results |= {"reminder.unaddressed", "money.reserved", "budget.shared_out"}  # in SQL
    of_results |= {"task.escalated_to_leader", "task.escalated_to_office"}
    of_results |= {"party.renamed", "party.merged", "party.split"}  # from the kind of change
    of_results |= {"obligation.met", "obligation.broken", "obligation.waived"}  # its state
    of_results |= {f"budget.change_{step}" for step in ("prepared", "approved", "cancelled")}
    of_results |= {"finance.check_anew"}  # where the account did not pass with its case
    of_results |= {kind.event for kind in KINDS.values()}  # of exports
    of_registers = {f"register.{step}" for step in ("enter", "expire", *registers.STEPS)}
    assert sorted({*kinds_written(), *of_results, *of_registers}) == sorted(WORDS)
