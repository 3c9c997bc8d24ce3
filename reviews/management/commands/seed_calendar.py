from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reviews.domain import working_days
from reviews.domain.calendar import fill


class Command(BaseCommand):
    help = "Fill the working-day calendar for some years; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        this = working_days.today().year
        parser.add_argument("--from", dest="first", type=int, default=this - 3)
        parser.add_argument("--to", dest="last", type=int, default=this + 2)

    def handle(self, *args: Any, **options: Any) -> None:
        count = fill(first=options["first"], last=options["last"])
        self.stdout.write(f"calendar: {count} days")
