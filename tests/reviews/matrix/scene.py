"""A case at one stage, everybody before it, and which verbs are open to whom."""

from django.test import Client

from applicants.models import User
from reviews.domain.actions import available
from reviews.models import Application
from tests.factories import Cast
from tests.reviews.matrix.people import declare, everybody
from tests.reviews.matrix.trying import Rows
from tests.reviews.matrix.verbs import VERBS, Verb


class Scene:
    def __init__(self, cast: Cast, case: Application) -> None:
        self.case, self.people = case, everybody(cast)
        declare(cast, self.people, case)
        offered = {who: steps(case, user) for who, user in self.people.items()}
        self.open = {verb.key: self._open(verb, offered) for verb in VERBS}
        self.clients = {who: signed_in(user) for who, user in self.people.items()}
        self.rows = Rows()

    def _open(self, verb: Verb, offered: dict[str, set[tuple[str, str | None]]]) -> set[str]:
        if verb.allowed is None:
            return {who for who, found in offered.items() if verb.key in found}
        return {who for who, user in self.people.items() if verb.allowed(self.case, user)}

    def may(self, verb: Verb) -> set[str]:
        return self.open[verb.key]


def steps(case: Application, user: User) -> set[tuple[str, str | None]]:
    found = available(case, user)
    return {(one.name, one.bureau.code if one.bureau else None) for one in found}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
