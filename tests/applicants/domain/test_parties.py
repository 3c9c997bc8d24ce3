import pytest
from django.db import connection

from applicants.domain.crypto import decrypt
from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.members import add_member, role_in
from applicants.domain.parties import (
    IDENTITY_PURPOSE,
    edit_party,
    person_payee,
    register_organisation,
    register_person,
)
from applicants.models import District, Event, Party, User
from tests.applicants.numbers import valid_identity
from tests.factories import make_user, valid_uscc


def refused_fields(verb, **given) -> list[str]:
    with pytest.raises(Refused) as refusal:
        verb(**given)
    return list(refusal.value.message_dict)


def test_whoever_registers_an_organisation_owns_it(owner: User) -> None:
    code = valid_uscc()
    party = register_organisation(
        user=owner,
        uscc=code.lower(),
        kind="enterprise",
        name="  测试　单位 ",
        district=District.objects.get(city="qingdao", code="laoshan"),
    )
    assert (party.uscc, party.name, party.kind) == (code, "测试 单位", "enterprise")
    assert role_in(party=party, user=owner) == "owner"
    event = Event.objects.get(subject=f"party:{party.pk}")
    assert (event.kind, event.actor) == ("party.registered", owner)


def test_a_registered_code_is_not_registered_twice_even_typed_otherwise(
    owner: User, organisation: Party
) -> None:
    again = {"user": owner, "kind": "enterprise", "name": "x"}
    assert refused_fields(register_organisation, uscc=organisation.uscc.lower(), **again) == [
        "uscc"
    ]
    assert Party.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "person"}, "kind"),
        ({"kind": "club"}, "kind"),
        ({"name": " "}, "name"),
        ({"name": "企" * 161}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"phone": "1" * 41}, "phone"),
        ({"address": "a" * 201}, "address"),
        ({"uscc": "1"}, "uscc"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(owner: User, wrong: dict, field: str) -> None:
    right = {"uscc": valid_uscc(), "kind": "fund", "name": "某基金"}
    assert refused_fields(register_organisation, user=owner, **right | wrong) == [field]
    assert not Party.objects.exists()


def test_an_identity_number_is_kept_encrypted_and_shown_by_its_last_four(owner: User) -> None:
    number = valid_identity()
    party = register_person(user=owner, name="测试人员", id_number=number)
    assert decrypt(party.identity_encrypted, purpose=IDENTITY_PURPOSE) == number.encode()
    assert party.number_shown == "*" * 14 + number[-4:]
    with connection.cursor() as cursor:
        for table in ("applicants_party", "applicants_partyevent", "applicants_event"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{number}%"])
            assert cursor.fetchone() == (0,)


def test_a_team_member_is_one_person_however_often_named(db: None) -> None:
    number = valid_identity()
    first = person_payee(name="测试人员", id_number=number)
    assert person_payee(name="测试人员", id_number=f" {number.lower()} ") == first
    assert refused_fields(person_payee, name="别人", id_number=number) == ["name"]


def test_a_named_person_may_register_and_nobody_else_after(owner: User) -> None:
    number = valid_identity()
    payee = person_payee(name="测试人员", id_number=number)
    mine = register_person(user=owner, name="测试人员", id_number=number, phone="12345")
    assert (mine, mine.phone, role_in(party=payee, user=owner)) == (payee, "12345", "owner")
    again = {"name": "测试人员", "id_number": number}
    assert refused_fields(register_person, user=make_user(), **again) == ["id_number"]


def test_owners_edit_details_and_clerks_do_not(owner: User, organisation: Party) -> None:
    clerk = make_user("clerk")
    add_member(party=organisation, email=clerk.email, role="clerk", user=owner)
    details = {"name": "新名", "district": None, "address": "某路1号", "phone": ""}
    with pytest.raises(NotAllowed):
        edit_party(party=organisation, user=clerk, **details)
    assert refused_fields(edit_party, party=organisation, user=owner, **details) == ["name"]
    edit_party(party=organisation, user=owner, **details | {"name": organisation.name})
    organisation.refresh_from_db()
    assert (organisation.district, organisation.address) == (None, "某路1号")
