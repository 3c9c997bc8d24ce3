"""Every verb of money by everybody; a refusal writes nothing, and the page tells who may."""

from datetime import timedelta

import time_machine

from tests.factories import Cast, publicity_end, published
from tests.reviews.matrix import roles_page
from tests.reviews.matrix.money import VERBS, Books, by_verb
from tests.reviews.matrix.people import everybody
from tests.reviews.matrix.stages import PAID
from tests.reviews.matrix.trying import DONE, Rows, undone

CENTRE = "enterprise-tech-centre-award"


def test_every_verb_of_money_by_everybody(db: None) -> None:
    casts = [Cast(PAID), Cast(CENTRE)]
    cases = [(cast, published(cast)) for cast in casts]
    end = publicity_end(cases[-1][1]) + timedelta(days=3)
    with time_machine.travel(f"{end.isoformat()}T12:00:00+08:00", tick=False):
        books, people = Books(cases), everybody(casts[0])
        rows, wrong = Rows(), []
        for verb in VERBS:
            for who, user in people.items():
                answer = undone(rows, by_verb, verb, books, user)
                if (answer.said == DONE) != (who in verb.may) or answer.changed:
                    wrong.append((verb.name, who, answer.said, answer.changed))
        assert wrong == []
        assert rows.changed() == []


def test_the_page_tells_who_moves_money() -> None:
    assert roles_page.money() in roles_page.read()[0]
