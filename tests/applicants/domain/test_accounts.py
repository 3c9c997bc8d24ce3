import pytest
from django.db import IntegrityError, connection, transaction

from applicants.domain.accounts import ACCOUNT_PURPOSE, add_bank_account, add_payee_account
from applicants.domain.crypto import decrypt
from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.members import add_member
from applicants.domain.parties import person_payee
from applicants.models import BankAccount, Event, Party, User
from tests.applicants.numbers import valid_identity
from tests.factories import make_user

NUMBER = "6217000011112222333"
GIVEN = {"holder": "测试单位", "bank": "测试银行青岛分行", "number": NUMBER}


def test_a_number_is_encrypted_and_nowhere_in_plain(
    owner: User, organisation: Party, caplog
) -> None:
    caplog.set_level("DEBUG")
    account = add_bank_account(party=organisation, user=owner, **GIVEN)
    assert decrypt(account.number_encrypted, purpose=ACCOUNT_PURPOSE) == NUMBER.encode()
    assert account.masked == "**** **** **** 2333"
    with connection.cursor() as cursor:
        for table in ("bankaccount", "bankaccountevent", "event"):
            cursor.execute(
                f"SELECT count(*) FROM applicants_{table} t WHERE t::text LIKE %s",
                [f"%{NUMBER}%"],
            )
            assert cursor.fetchone() == (0,)
    assert NUMBER not in caplog.text


@pytest.mark.parametrize("typed", ["6217 0000 1111 2222 333", "６２１７０００0-1111-2222-333"])
def test_equal_numbers_are_found_however_typed(
    owner: User, organisation: Party, typed: str
) -> None:
    first = add_bank_account(party=organisation, user=owner, **GIVEN)
    second = add_bank_account(party=organisation, user=owner, **GIVEN | {"number": typed})
    assert first.number_hmac == second.number_hmac


def test_a_new_account_takes_the_place_of_the_old_which_stays(
    owner: User, organisation: Party
) -> None:
    before = BankAccount.objects.get(party=organisation, is_current=True)
    after = add_bank_account(party=organisation, user=owner, **GIVEN)
    states = dict(BankAccount.objects.values_list("pk", "is_current"))
    assert states == {before.pk: False, after.pk: True}
    event = Event.objects.filter(kind="party.account_added").latest("id")
    assert event.data == {"account": after.pk, "last4": "2333"}


def test_two_accounts_in_use_are_refused_by_the_database(organisation: Party) -> None:
    current = BankAccount.objects.get(party=organisation)
    current.pk = None
    with pytest.raises(IntegrityError, match="one_current_account_per_party"), transaction.atomic():
        current.save(force_insert=True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": "1234567"}, "number"),
        ({"number": "1" * 31}, "number"),
        ({"number": "6217O00011112222333"}, "number"),
        ({"number": ""}, "number"),
        ({"holder": ""}, "holder"),
        ({"bank": " "}, "bank"),
        ({"bank_code": "12"}, "bank_code"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    owner: User, organisation: Party, wrong: dict, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        add_bank_account(party=organisation, user=owner, **GIVEN | wrong)
    assert list(refusal.value.message_dict) == [field]
    assert NUMBER not in str(refusal.value)


@pytest.mark.parametrize("number", ["1" * 8, "1" * 30])
def test_the_shortest_and_the_longest_number(owner: User, organisation: Party, number: str) -> None:
    account = add_bank_account(party=organisation, user=owner, **GIVEN | {"number": number})
    assert account.last4 == "1111"


def test_clerks_and_strangers_do_not_change_the_account(owner: User, organisation: Party) -> None:
    clerk = make_user("clerk")
    add_member(party=organisation, email=clerk.email, role="clerk", user=owner)
    for user in (clerk, make_user("stranger")):
        with pytest.raises(NotAllowed):
            add_bank_account(party=organisation, user=user, **GIVEN)


def test_an_account_named_for_a_team_member_is_for_that_case_alone(owner: User) -> None:
    payee = person_payee(name="测试人员", id_number=valid_identity())
    account = add_payee_account(payee=payee, bank="某银行", number=NUMBER, user=owner)
    assert (account.holder, account.is_current) == ("测试人员", False)
