import sys
from argparse import ArgumentParser
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from incentives.domain.catalogue import catalogue_programmes
from incentives.domain.simulate import simulate_lines
from incentives.domain.simulate_generate import generated_lines
from incentives.management.commands.assess import settings_from
from incentives.policy.rendering import dumps


class Command(BaseCommand):
    requires_system_checks = ()
    help = (
        "Play a sequence of applications from standard input through rules, caps, pools and "
        "budgets, one JSON object a line, and write what comes of each. No data is touched. "
        "The lines are described in docs/simulation.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with",
            dest="values",
            type=Path,
            metavar="SETTINGS.YAML",
            help="parameters and tables: {programme: {name: value}}",
        )
        parser.add_argument("--summary", action="store_true", help="add the totals as a last line")
        parser.add_argument(
            "--generate",
            type=int,
            metavar="N",
            help="write a sequence of N applications of one year instead, and read nothing",
        )
        parser.add_argument("--seed", type=int, default=1, help="of the sequence generated")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["generate"] is not None:
            for line in generated_lines(
                catalogue_programmes(), options["generate"], seed=options["seed"]
            ):
                self.stdout.write(dumps(line))
            return
        if isinstance(sys.stdin, TextIOWrapper):  # one wrong byte spoils its own line only
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
        faults = False
        for result in simulate_lines(
            sys.stdin,
            programmes=catalogue_programmes(),
            settings=settings_from(options["values"]),
            summed=options["summary"],
        ):
            faults |= "error" in result
            self.stdout.write(dumps(result))
        if faults:
            sys.exit(1)
