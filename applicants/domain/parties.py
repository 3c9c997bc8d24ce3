"""Organisations and persons enter the house here, known by one checked number each."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.crypto import encrypt, fingerprint
from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.domain.identifiers import read_identity_number, read_uscc
from applicants.domain.members import require_owner
from applicants.domain.texts import read_line
from applicants.models import District, Membership, Party, User
from applicants.models.party import MemberRole, PartyKind

IDENTITY_PURPOSE = "identity number"
EDITABLE = ("name", "district", "address", "phone")


@transaction.atomic
def register_organisation(
    *,
    user: User,
    uscc: str,
    kind: str,
    name: str,
    district: District | None = None,
    address: str = "",
    phone: str = "",
) -> Party:
    """Register an organisation; whoever does becomes its owner.

    One that is known only from a bureau's list is taken over, with what its owner says of it.
    Raises Refused by field: a mistyped code, a code that is registered already, a person's kind.
    """
    if kind not in PartyKind.values or kind == PartyKind.PERSON:
        raise Refused({"kind": _("Choose what kind of organisation this is.")})
    details = _read_details(name=name, district=district, address=address, phone=phone)
    party, created = Party.objects.get_or_create(
        uscc=read_uscc(uscc), defaults={"kind": kind, **details}
    )
    if not created:
        _take_over(party, {"kind": kind, **details})
    return _with_owner(party, user)


@transaction.atomic
def enter_organisation(
    *, uscc: str, kind: str, name: str, district: District | None, user: User
) -> Party:
    """Enter an organisation that has no account yet, or find it; an account claims it later.

    For callers who have seen to it that the user may. Raises Refused by field.
    """
    if kind not in PartyKind.values or kind == PartyKind.PERSON:
        raise Refused({"kind": _("Choose what kind of organisation this is.")})
    details = _read_details(name=name, district=district, address="", phone="")
    party, created = Party.objects.get_or_create(
        uscc=read_uscc(uscc), defaults={"kind": kind, **details}
    )
    if created:
        record(kind="party.registered", subject=f"party:{party.pk}", actor=user)
    elif party.name != details["name"]:
        told = _("This code is registered as “%(name)s”; compare both.")
        raise Refused({"name": told % {"name": party.name}})
    return party


def _take_over(party: Party, details: dict[str, Any]) -> None:
    """Only one without members, present or past. A district that is left out stays."""
    Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    if Membership.objects.filter(party=party).exists():
        raise Refused({"uscc": _registered_already()})
    for field, value in details.items():
        if value is not None:
            setattr(party, field, value)
    party.save(update_fields=list(details))


@transaction.atomic
def register_person(*, user: User, name: str, id_number: str, phone: str = "") -> Party:
    """Register oneself to be paid as a person; an entry as a team's member is taken over.

    Raises Refused when the number is mistyped, or is another name's or another user's.
    """
    party = person_payee(name=name, id_number=id_number)
    party = Party.objects.select_for_update().get(pk=party.pk)
    if Membership.objects.filter(party=party).exists():
        raise Refused({"id_number": _("This identity number is registered by an account already.")})
    party.phone = read_line(phone, field="phone", limit=40, required=False)
    party.save(update_fields=["phone"])
    return _with_owner(party, user)


@transaction.atomic
def person_payee(*, name: str, id_number: str) -> Party:
    """The person with this number, entered now if unknown: a team's members are payees.

    Raises Refused when the number is mistyped or is entered under another name.
    """
    number, name = read_identity_number(id_number), read_line(name, field="name", limit=160)
    party, _created = Party.objects.get_or_create(
        identity_hmac=fingerprint(number, purpose=IDENTITY_PURPOSE),
        defaults={
            "kind": PartyKind.PERSON,
            "name": name,
            "identity_encrypted": encrypt(number.encode(), purpose=IDENTITY_PURPOSE),
            "identity_last4": number[-4:],
        },
    )
    if party.name != name:
        raise Refused(
            {"name": _("This identity number is entered under another name; compare both.")}
        )
    return party


@transaction.atomic
def edit_party(*, party: Party, user: User, **details: Any) -> Party:
    """Change district, address or telephone; the numbers of a party never change.

    A person may mend the own name; an organisation's is changed on the registration authority's
    notice (reviews.domain.party_changes), so that its former names stay known.
    """
    require_owner(party=party, user=user)
    if not party.is_person and details["name"] != party.name:
        raise Refused(
            {"name": _("The name is changed at the window, with the registration's notice.")}
        )
    for field, value in _read_details(**details).items():
        setattr(party, field, value)
    party.save(update_fields=EDITABLE)
    record(kind="party.edited", subject=f"party:{party.pk}", actor=user)
    return party


def _read_details(
    *, name: str, district: District | None, address: str, phone: str
) -> dict[str, Any]:
    return {
        "name": read_line(name, field="name", limit=160),
        "district": district,
        "address": read_line(address, field="address", limit=200, required=False),
        "phone": read_line(phone, field="phone", limit=40, required=False),
    }


def _with_owner(party: Party, user: User) -> Party:
    Membership.objects.create(party=party, user=user, role=MemberRole.OWNER)
    record(kind="party.registered", subject=f"party:{party.pk}", actor=user)
    return party


def _registered_already() -> str:
    return _(
        "This unified social credit code is registered already. "
        "Ask an owner of the organisation to add you as a member."
    )
