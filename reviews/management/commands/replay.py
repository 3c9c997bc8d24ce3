"""`manage.py replay [CASE …]`: assess stored determinations again; exit 1 where one differs."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reviews.domain.replay import replay
from reviews.models import Determination

BESIDE = ("application__version", "application__applicant")


class Command(BaseCommand):
    help = "Assess stored determinations again and compare them, to the byte."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("case", nargs="*", help="case numbers; none: all determinations")

    def handle(self, *args: Any, case: list[str], **options: Any) -> None:
        found = Determination.objects.select_related(*BESIDE).order_by("pk")
        if case:
            found = found.filter(application__number__in=case)
            known = set(found.values_list("application__number", flat=True))
            if missing := [number for number in case if number not in known]:
                raise CommandError(f"No determination of: {', '.join(missing)}.")
        checked = different = 0
        for determination in found.iterator(chunk_size=500):
            result = replay(determination)
            checked += 1
            if not result.same:
                different += 1
                number = determination.application.number
                self.stderr.write(f"{number} #{determination.number}: {result.finding}")
        self.stdout.write(f"{checked} determinations assessed again, {different} different.")
        if different:
            sys.exit(1)
