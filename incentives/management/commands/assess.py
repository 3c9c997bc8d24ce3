import sys
from argparse import ArgumentParser
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.domain.assess_lines import assess_lines
from incentives.domain.catalogue import catalogue_programmes
from incentives.policy.rendering import dumps
from incentives.policy.yamlfile import FileError, read_yaml


class Command(BaseCommand):
    requires_system_checks = ()
    help = (
        "Assess cases from standard input, one JSON object a line "
        '({"programme", "on", "facts", "choices"}), and write one result a line.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with",
            dest="values",
            type=Path,
            metavar="SETTINGS.YAML",
            help="parameters and tables: {programme: {name: value}}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if isinstance(sys.stdin, TextIOWrapper):  # one wrong byte spoils its own line only
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
        faults = False
        lines = assess_lines(
            sys.stdin, programmes=catalogue_programmes(), settings=settings_from(options["values"])
        )
        for result in lines:
            faults |= "error" in result
            self.stdout.write(dumps(result))
        if faults:
            sys.exit(1)


def settings_from(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        given = read_yaml(path).data
    except FileError as error:
        raise CommandError(str(error)) from error
    if not isinstance(given, dict) or not all(isinstance(own, dict) for own in given.values()):
        raise CommandError(f"{path}: write {{programme: {{name: value}}}}")
    unknown = given.keys() - catalogue_programmes().keys()
    if unknown:
        raise CommandError(f"{path}: no such programme: {', '.join(sorted(unknown))}")
    return given
