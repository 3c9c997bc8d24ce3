"""manage.py verify_ledger [--digest FILE …]: recompute the hash chains of ledger and events."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applicants.domain import anchors, chains, guards
from incentives.domain import sealing


class Command(BaseCommand):
    help = "Recompute the hash chains of ledger and events from their rows; 1 if one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest",
            type=Path,
            action="append",
            default=[],
            help="a daily digest kept outside, to hold the chains against (may be repeated)",
        )

    def handle(self, *args: Any, digest: list[Path], **options: Any) -> None:
        try:
            sealing.seal_all()
        except ExceptionGroup as stopped:
            for error in stopped.exceptions:
                self.stderr.write(f"not sealed: {error}")
        faults = sealing.verify_all() + guards.faults()
        for file in digest:
            try:
                faults += anchors.against(file)
            except anchors.UNREADABLE as error:
                raise CommandError(f"{file}: not a daily digest of Huiqi ({error})") from error
        for fault in faults:
            row = f" row {fault.row}" if fault.row else ""
            self.stdout.write(f"{fault.chain} link {fault.number}{row}: {fault.what}")
        if faults:
            raise CommandError(f"{len(faults)} faults")
        for head in chains.heads():
            self.stdout.write(f"{head.pk}: {head.number} links, {bytes(head.digest).hex()}")
