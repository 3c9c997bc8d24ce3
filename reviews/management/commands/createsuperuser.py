"""Instead of Django's: nobody in Huiqi may do everything (三权分立)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Superusers have no rights here; see first_administrators."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "A superuser may do nothing in Huiqi. Appoint the administrators instead: "
            "manage.py first_administrators CITY --system A --security B --security C"
        )
