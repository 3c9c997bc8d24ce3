"""`manage.py openings look FILE …` and `openings take NUMBER …`: enter what was given before."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError

from applicants.models import User
from incentives.domain.openings import OPENING
from incentives.domain.registry_words import heard
from incentives.models import Bureau, RegistryImport
from reviews.domain import sweeps_lists


class Command(BaseCommand):
    help = "Look through a list of earlier awards or cap balances, or take one in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        look = steps.add_parser("look", help="keep the list with every fault by row and column")
        look.add_argument("file", type=Path)
        look.add_argument("--kind", choices=sorted(OPENING), required=True)
        look.add_argument("--city", required=True)
        look.add_argument("--bureau", required=True, help="code of the bureau that gave it")
        look.add_argument("--source", required=True)
        look.add_argument("--as-of", type=date.fromisoformat, required=True)
        take = steps.add_parser("take", help="take a faultless list in, by another person")
        take.add_argument("number", type=int)
        for one in (look, take):
            one.add_argument("--by", required=True, help="e-mail address of who does it")

    def handle(self, *args: Any, step: str, by: str, **options: Any) -> None:
        user = User.objects.filter(email=by.strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {by}.")
        try:
            self._look(user, **options) if step == "look" else self._take(user, options["number"])
        except (ValidationError, PermissionDenied) as refused:
            told = getattr(refused, "messages", None) or [str(refused)]
            raise CommandError(" ".join(told)) from refused

    def _look(
        self, user: User, *, file: Path, city: str, bureau: str, as_of: date, **options: Any
    ) -> None:
        of = Bureau.objects.filter(city=city, code=bureau).first()
        if of is None:
            raise CommandError(f"{city} has no bureau {bureau}.")
        try:
            upload = SimpleUploadedFile(file.name, file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        told = {"kind": options["kind"], "source": options["source"], "as_of": as_of}
        found = sweeps_lists.bring_list(bureau=of, upload=upload, user=user, **told)
        for row in found.rows.exclude(problems={}).order_by("number"):
            for column, problem in row.problems.items():
                self.stderr.write(f"row {row.number}, {column}: {heard(problem)}")
        self.stdout.write(
            f"list {found.pk}: {found.row_count} rows, {found.fault_count} with faults"
        )

    def _take(self, user: User, number: int) -> None:
        found = RegistryImport.objects.filter(pk=number, kind__in=OPENING).first()
        if found is None:
            raise CommandError(f"There is no such list: {number}.")
        taken = sweeps_lists.take_list(found=found, user=user)
        self.stdout.write(f"list {taken.pk}: {taken.row_count} rows entered")
