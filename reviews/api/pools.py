"""Yearly pools over several programmes, and the running balances of all caps."""

from typing import Any

from django.db.models import CharField, DecimalField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors
from applicants.domain.errors import Refused
from applicants.models import City
from incentives.models import Counter, Pool, Programme
from incentives.models.counter import CounterKind
from reviews.api import money_serializers as out
from reviews.api.filters import YEAR
from reviews.api.scope import cities_of
from reviews.domain.pooling import set_pool
from reviews.domain.queries import FINANCE
from reviews.models.staff import Role

READERS = (*FINANCE, Role.AUDITOR, Role.POLICY_EDITOR)


class PoolFilter(filters.FilterSet):
    city = filters.CharFilter("city")
    year = filters.NumberFilter("year", **YEAR)


class PoolDoors(ListModelMixin, RetrieveModelMixin, Doors):
    queryset = Pool.objects.none()
    serializer_class = out.PoolSerializer
    filterset_class = PoolFilter

    def get_queryset(self) -> QuerySet[Pool]:
        pools = Pool.objects.filter(city__in=cities_of(self.person, *READERS))
        return with_used(pools).select_related("set_by").prefetch_related("programmes")

    @extend_schema(request=out.PoolInput, responses={201: out.PoolSerializer})
    def create(self, request: Request) -> Response:
        """Set a city's yearly limit over these programmes, or over all; finance approvers alone.

        A pool of the same city, code and year gets the new limit.
        """
        given = self.read(out.PoolInput)
        city = _city_to_set(self, given["city"])
        programmes = _programmes(city, given["programmes"])
        pool = set_pool(user=self.person, **given | {"city": city, "programmes": programmes})
        return Response(self.show(self.get_queryset().get(pk=pool.pk)), status=201)


def with_used(pools: QuerySet[Pool]) -> QuerySet[Pool]:
    key = Concat(
        Value("pool:"), F("code"), Value(":"), Cast("year", CharField()), output_field=CharField()
    )
    balance = Counter.objects.filter(city=OuterRef("city"), key=OuterRef("counter_key"))
    none = Value(0, output_field=DecimalField(max_digits=16, decimal_places=2))
    return pools.annotate(counter_key=key).annotate(
        used=Coalesce(Subquery(balance.values("used")[:1]), none)
    )


def _city_to_set(doors: Doors, code: str) -> City:
    city = cities_of(doors.person).filter(pk=code).first()
    if city is None:
        raise Refused({"city": _("You have no role in such a city.")})
    return city


def _programmes(city: City, codes: list[str]) -> list[Programme]:
    found = list(Programme.objects.filter(city=city, code__in=codes))
    strange = sorted(set(codes) - {programme.code for programme in found})
    if strange:
        told = _("This city has no such programmes: %s.") % ", ".join(strange)
        raise Refused({"programmes": told})
    return found


class CapFilter(filters.FilterSet):
    """`key` is a part of the cap's key: a programme's code, a project's number."""

    city = filters.CharFilter("city")
    kind = filters.ChoiceFilter(choices=CounterKind.choices)
    key = filters.CharFilter(lookup_expr="icontains")
    full = filters.BooleanFilter(method="without_room")

    def without_room(self, rows: QuerySet[Counter], _name: str, value: bool) -> Any:
        full = {"used": F("limit")}
        return rows.filter(**full) if value else rows.exclude(**full)


class CapDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """What each cap, same-event instance and pool has used."""

    queryset = Counter.objects.none()
    serializer_class = out.CapSerializer
    filterset_class = CapFilter

    def get_queryset(self) -> QuerySet[Counter]:
        limits = Counter.objects.exclude(kind=CounterKind.TALLY)
        return limits.filter(city__in=cities_of(self.person, *READERS))

    @extend_schema(responses=out.CapEntrySerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def entries(self, request: Request, pk: str) -> Response:
        """What took from it and what gave back, the newest first: `used` is their sum."""
        rows = self.get_object().entries.exclude(amount=0).select_related("entry", "opening__of")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(out.CapEntrySerializer(page, many=True).data)
