import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from incentives.domain.catalogue import catalogue_programmes
from incentives.policy.programme import Programme, digest


class Command(BaseCommand):
    requires_system_checks = ()
    help = "List the programmes of the catalogue with their facts, choices, caps and sources."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="everything, as one JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        found = catalogue_programmes().values()
        if options["json"]:
            entries = [rules.to_json() | {"digest": digest(rules)} for rules in found]
            self.stdout.write(json.dumps(entries, ensure_ascii=False, indent=1))
            return
        for rules in found:
            self.stdout.write(_line(rules))


def _line(rules: Programme) -> str:
    return f"{rules.code}\t{rules.source.document} {rules.source.section}\t{rules.title.zh}"
