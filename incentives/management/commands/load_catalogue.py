from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.domain.catalogue import load_catalogue
from incentives.policy.yamlfile import FileError


class Command(BaseCommand):
    help = "Load the catalogue. Safe to repeat: an unchanged file changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = load_catalogue()
        except FileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"programmes: {len(done.new)} new, {len(done.changed)} changed, "
            f"{len(done.unchanged)} unchanged"
        )
        for code in done.held:
            self.stdout.write(
                f"held back: {code}: a version published by editors stays in force; write its "
                "text into the file, or publish the file's text as a draft"
            )
