from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.parties import OfParty
from applicants.domain.errors import Refused
from applicants.domain.profile import newest_facts
from applicants.models import Party, ProfileFact
from incentives.api.serializers import FactsInput, ProfileFactSerializer
from incentives.domain.eligibility import declare_profile, shared_facts


class ProfileDoors(OfParty):
    """What a party says of itself once, to be reused by every application."""

    queryset = ProfileFact.objects.none()
    serializer_class = ProfileFactSerializer
    pagination_class = None

    @extend_schema(responses=ProfileFactSerializer(many=True))
    def list(self, request: Request, party_pk: int) -> Response:
        return Response(facts_of(self.party))

    @extend_schema(request=FactsInput, responses=ProfileFactSerializer(many=True))
    def declare(self, request: Request, party_pk: int) -> Response:
        """Declare facts; when one cannot be read, none is kept. Null or empty clears."""
        party, values = self.party, self.read(FactsInput)["facts"]
        shared = shared_facts(party.kind)
        strange = [key for key in values if key not in shared]
        if strange:
            known = ", ".join(shared) or "-"
            raise Refused(
                {
                    key: _("No programme shares this fact; write one of: %s.") % known
                    for key in strange
                }
            )
        with transaction.atomic():
            problems = declare_profile(party=party, shared=shared, values=values, user=self.person)
            if problems:
                raise Refused(problems)
        return Response(facts_of(party))


def facts_of(party: Party) -> list[dict[str, Any]]:
    standing = newest_facts(party)
    lines = []
    for key, rules in shared_facts(party.kind).items():
        row, asked = standing.get(key), rules.facts[key]
        lines.append(
            {
                "key": key,
                "type": asked.type,
                "label": asked.label.model_dump(),
                "value": row.value if row else None,
                "source": row.source if row else None,
                "as_of": row.as_of.isoformat() if row else None,
            }
        )
    return lines
