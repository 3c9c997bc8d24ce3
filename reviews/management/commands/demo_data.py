from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reviews.demo import cases, desk, money, notices, people, rounds, seals, staffing, window


class Command(BaseCommand):
    help = "Make the demo's people and cases, once, and print the accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.HUIQI_ENV not in ("demo", "test"):
            raise CommandError("demo data is made in the demo only, never in production")
        people.make_staff()
        staffing.make_changes()
        seals.make_seals()
        made = cases.make_cases() + rounds.make_round()
        desk.make_desk()
        money.make_money()
        notices.make_notices()
        window.make_window()
        self.stdout.write(f"demo: {made} cases made" if made else "demo: taken up where it was")
        self.stdout.write(f"\nSign in with any of these; the password is {people.PASSWORD}")
        for account in people.accounts_shown():
            self.stdout.write(f"  {account.email:32} {account.what}")
        self.stdout.write(
            "  {bureau}.preparer@, .approver@ and .leader@demo.example: the other bureaus, by code"
        )
