"""`manage.py first_administrators CITY --system A --security B --security C`."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from applicants.domain.staff_accounts import password_link
from applicants.models import City
from reviews.domain.first_administrators import first_administrators


class Command(BaseCommand):
    help = "Appoint a city's first system administrator and two or more security administrators."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("city", help="the city's code, such as qingdao")
        parser.add_argument("--system", required=True, help="an e-mail address")
        parser.add_argument("--security", required=True, action="append", help="twice or more")

    def handle(
        self, *args: Any, city: str, system: str, security: list[str], **options: Any
    ) -> None:
        place = City.objects.filter(pk=city).first()
        if place is None:
            known = ", ".join(City.objects.values_list("pk", flat=True))
            raise CommandError(f"There is no city {city!r}; write one of: {known}.")
        try:
            people = first_administrators(city=place, system=system, security=security)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        for person in people:
            self.stdout.write(f"{person.email}: {_way_in(person)}")


def _way_in(person: Any) -> str:
    if person.has_usable_password():
        return "signs in with the password that the account has."
    return f"sets a password at {urljoin(settings.SITE_URL, password_link(person))}"
