from datetime import date

import pytest

from applicants.domain.errors import NotAllowed
from applicants.domain.profile import declare_facts, newest_facts
from applicants.models import Party, User
from tests.factories import make_user

JANUARY, MAY = date(2026, 1, 5), date(2026, 5, 6)


def test_the_newest_value_counts_and_an_unchanged_one_is_not_written_again(
    owner: User, organisation: Party
) -> None:
    given = {"party": organisation, "user": owner}
    declare_facts(**given, values={"staff": "12", "listed": "false"}, as_of=JANUARY)
    written = declare_facts(**given, values={"staff": "13", "listed": "false"}, as_of=MAY)
    assert [(fact.key, fact.value) for fact in written] == [("staff", "13")]
    newest = newest_facts(organisation)
    assert {key: (f.value, f.as_of, f.source) for key, f in newest.items()} == {
        "staff": ("13", MAY, "declared"),
        "listed": ("false", JANUARY, "declared"),
    }


def test_strangers_declare_nothing(organisation: Party) -> None:
    with pytest.raises(NotAllowed):
        declare_facts(party=organisation, values={"staff": "1"}, as_of=MAY, user=make_user())
