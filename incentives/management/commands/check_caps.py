import sys
from typing import Any

from django.core.management.base import BaseCommand

from applicants.models import City
from incentives.domain.reconcile import differences


class Command(BaseCommand):
    help = "Add the ledger up again; print every balance that differs, and exit with 1 if one does."

    def handle(self, *args: Any, **options: Any) -> None:
        found = [
            (city.pk, one)
            for city in City.objects.order_by("pk")
            for one in differences(city_code=city.pk)
        ]
        for city, one in found:
            self.stdout.write(
                f"{city} {one.what} {one.key}: recorded {one.recorded}, added up {one.added_up}"
            )
        self.stdout.write(f"differences: {len(found)}")
        if found:
            sys.exit(1)
