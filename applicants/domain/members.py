"""Who acts for a party: owners, who decide about it, and clerks, who apply for it."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import Membership, Party, User
from applicants.models.party import MemberRole


def parties_of(user: User) -> QuerySet[Party]:
    """The organisations and persons that a user acts for, newest first."""
    memberships = Membership.objects.filter(user_id=user.pk, is_active=True)
    return Party.objects.filter(pk__in=memberships.values("party_id")).order_by("-id")


def role_in(*, party: Party, user: User) -> str | None:
    active = Membership.objects.filter(party=party, user_id=user.pk, is_active=True)
    return active.values_list("role", flat=True).first()


def require_member(*, party: Party, user: User) -> None:
    if role_in(party=party, user=user) is None:
        raise NotAllowed(_("Only members of the applicant may do this."))


def require_owner(*, party: Party, user: User) -> None:
    if role_in(party=party, user=user) != MemberRole.OWNER:
        raise NotAllowed(_("Only an owner of the applicant may do this."))


@transaction.atomic
def add_member(*, party: Party, email: str, role: str, user: User) -> Membership:
    """Let somebody with an account act for the party; a former member comes back."""
    require_owner(party=party, user=user)
    if party.is_person:
        raise Refused({"email": _("A person acts for himself or herself alone.")})
    if role not in MemberRole.values:
        raise Refused({"role": _("Choose owner or clerk.")})
    member, created = Membership.objects.select_for_update().get_or_create(
        party=party, user=_user_with(email), defaults={"role": role}
    )
    if not created and member.is_active:
        raise Refused({"email": _("This user is a member already.")})
    member.is_active, member.role = True, role
    member.save(update_fields=["is_active", "role"])
    _note("party.member_added", member, user)
    return member


@transaction.atomic
def end_membership(*, party: Party, membership_id: int, user: User) -> Membership:
    """End a membership: an owner anybody's, everybody their own; the last owner stays."""
    Party.objects.select_for_update().get(pk=party.pk)  # two owners may not end each other
    member = Membership.objects.select_related("user").get(pk=membership_id, party=party)
    if member.user_id != user.pk:
        require_owner(party=party, user=user)
    if not member.is_active:
        raise Conflict(_("This membership has ended already."))
    if member.role == MemberRole.OWNER and _owners(party).count() == 1:
        raise Refused(_("This is the only owner; add another owner first."))
    member.is_active = False
    member.save(update_fields=["is_active"])
    _note("party.member_ended", member, user)
    return member


def _owners(party: Party) -> QuerySet[Membership]:
    return Membership.objects.filter(party=party, role=MemberRole.OWNER, is_active=True)


def _user_with(email: str) -> User:
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise Refused(
            {
                "email": _(
                    "Nobody has an account with this address; ask the person to sign up first."
                )
            }
        )
    return found


def _note(kind: str, member: Membership, actor: User) -> None:
    data = {"user": member.user_id, "role": member.role}
    record(kind=kind, subject=f"party:{member.party_id}", actor=actor, data=data)
