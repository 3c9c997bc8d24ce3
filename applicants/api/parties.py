from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api import serializers as out
from applicants.api.base import Doors
from applicants.domain import accounts, documents, members, parties
from applicants.models import BankAccount, Document, Membership, Party


class PartyDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """The organisations and persons that one acts for."""

    queryset = Party.objects.none()
    serializer_class = out.PartySerializer

    def get_queryset(self) -> QuerySet[Party]:
        return members.parties_of(self.person).select_related("district")

    @extend_schema(request=out.OrganisationInput, responses={201: out.PartySerializer})
    @action(detail=False, methods=["post"])
    def organisations(self, request: Request) -> Response:
        """Register an organisation; whoever does becomes its owner."""
        given = self.read(out.OrganisationInput)
        return Response(
            self.show(parties.register_organisation(user=self.person, **given)), status=201
        )

    @extend_schema(request=out.PersonInput, responses={201: out.PartySerializer})
    @action(detail=False, methods=["post"])
    def persons(self, request: Request) -> Response:
        """Register oneself to be paid as a person."""
        given = self.read(out.PersonInput)
        return Response(self.show(parties.register_person(user=self.person, **given)), status=201)

    @extend_schema(request=out.DetailsInput, responses=out.PartySerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Owners change name, district, address and telephone; numbers never change."""
        party = self.get_object()
        now = {name: getattr(party, name) for name in parties.EDITABLE}
        given = now | self.read(out.DetailsInput, partial=True)
        return Response(self.show(parties.edit_party(party=party, user=self.person, **given)))

    @extend_schema(responses=out.AccountSerializer)
    @action(detail=True, methods=["get"])
    def account(self, request: Request, pk: str) -> Response:
        """The bank account in use, masked."""
        rows = BankAccount.objects.filter(party=self.get_object(), is_current=True)
        return Response(self.show(get_object_or_404(rows), out.AccountSerializer))

    @extend_schema(request=out.AccountInput, responses={201: out.AccountSerializer})
    @account.mapping.post
    def add_account(self, request: Request, pk: str) -> Response:
        """Be paid to this account from now on. Owners alone."""
        party = self.get_object()
        account = accounts.add_bank_account(
            party=party, user=self.person, **self.read(out.AccountInput)
        )
        return Response(self.show(account, out.AccountSerializer), status=201)


class OfParty(Doors):
    """What hangs on a party: it exists for the party's members alone."""

    keyset: tuple[str, ...] = ("-id",)

    @property
    def party(self) -> Party:
        return get_object_or_404(members.parties_of(self.person), pk=self.kwargs["party_pk"])


class MemberDoors(ListModelMixin, OfParty):
    queryset = Membership.objects.none()
    serializer_class = out.MemberSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        return Membership.objects.filter(party=self.party, is_active=True).select_related("user")

    @extend_schema(request=out.MemberInput, responses={201: out.MemberSerializer})
    def create(self, request: Request, party_pk: int) -> Response:
        """Let somebody who has an account act for the party. Owners alone."""
        member = members.add_member(
            party=self.party, user=self.person, **self.read(out.MemberInput)
        )
        return Response(self.show(member), status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, party_pk: int, pk: int) -> Response:
        """End a membership: an owner anybody's, everybody their own."""
        member = self.get_object()
        members.end_membership(party=member.party, membership_id=member.pk, user=self.person)
        return Response(status=204)


class DocumentDoors(ListModelMixin, OfParty):
    queryset = Document.objects.none()
    serializer_class = out.DocumentSerializer
    keyset = ("-uploaded_at", "-id")

    def get_queryset(self) -> QuerySet[Document]:
        return Document.objects.filter(party=self.party)

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": out.UploadInput}, responses={201: out.DocumentSerializer}
    )
    def create(self, request: Request, party_pk: int) -> Response:
        """Upload a paper, to be laid beside the facts of applications."""
        upload = self.read(out.UploadInput)["file"]
        document = documents.store(party=self.party, upload=upload, user=self.person)
        return Response(self.show(document), status=201)
