import sys
from typing import Any

from django.core.management.base import BaseCommand

from incentives.domain.check_catalogue import check_catalogue


class Command(BaseCommand):
    requires_system_checks = ()
    help = (
        "Load every file of the catalogue, run all examples, look for numbers that no example "
        "holds, and check quotes, bureaus and same-event keys. Exits with 1 when one is wrong."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        checked = check_catalogue()
        for fault in checked.faults:
            self.stdout.write(str(fault))
        self.stdout.write(
            f"programmes: {checked.programmes}, examples: {checked.examples}, "
            f"quotes: {checked.quotes}, faults: {len(checked.faults)}"
        )
        if checked.faults or not checked.programmes:
            sys.exit(1)
