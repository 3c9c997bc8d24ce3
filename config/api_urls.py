"""The REST API: its doors stand in the apps, their addresses here."""

from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from applicants.api.accounts import AccountDoors
from applicants.api.inbox import NoticeDoors
from applicants.api.parties import DocumentDoors, MemberDoors, PartyDoors
from applicants.api.preferences import PreferenceDoors
from applicants.api.tokens import TokenDoors
from config.api_docs import DocsView, NoSuchAddress
from incentives.api.profile import ProfileDoors
from incentives.api.programmes import ProgrammeDoors
from incentives.api.targets import TargetDoors
from reviews.api.applications import ApplicationDoors
from reviews.api.awards import AwardDoors, LedgerDoors
from reviews.api.budgets import BudgetDoors, PayoutFormatDoors
from reviews.api.desk import DelegationDoors, QueueDoors
from reviews.api.exports import ExportDoors
from reviews.api.letters import LetterDoors
from reviews.api.me import MeDoors, PaperDoors
from reviews.api.party_changes import AssistanceDoors, PartyChangeDoors
from reviews.api.payouts import BatchDoors, DueDoors, HoldDoors
from reviews.api.pools import CapDoors, PoolDoors
from reviews.api.recoveries import RecoveryDoors
from reviews.api.registers import RegisterDoors
from reviews.api.rounds import RoundDoors, SheetDoors
from reviews.api.steps import StepDoors

router = SimpleRouter(use_regex_path=False)
for prefix, doors in (
    ("applications", ApplicationDoors),
    ("awards", AwardDoors),
    ("batches", BatchDoors),
    ("budgets", BudgetDoors),
    ("caps", CapDoors),
    ("cases", StepDoors),
    ("delegations", DelegationDoors),
    ("exports", ExportDoors),
    ("instalments/due", DueDoors),
    ("holds", HoldDoors),
    ("ledger", LedgerDoors),
    ("letters", LetterDoors),
    ("notices", NoticeDoors),
    ("parties", PartyDoors),
    ("parties/<int:party_pk>/documents", DocumentDoors),
    ("parties/<int:party_pk>/members", MemberDoors),
    ("payout-formats", PayoutFormatDoors),
    ("pools", PoolDoors),
    ("recoveries", RecoveryDoors),
    ("registers", RegisterDoors),
    ("party-changes", PartyChangeDoors),
    ("assistance", AssistanceDoors),
    ("rounds", RoundDoors),
    ("score-sheets", SheetDoors),
):
    router.register(prefix, doors, basename=prefix.rpartition("/")[2])

programme = "programmes/<slug:city>/<slug:code>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("accounts/", AccountDoors.as_view({"post": "create"})),
    path("token/", TokenDoors.as_view({"post": "create", "delete": "end"})),
    path("me/", MeDoors.as_view({"get": "retrieve"})),
    path("me/notices/", PreferenceDoors.as_view({"get": "retrieve", "put": "choose"})),
    path("documents/<uuid:pk>/", PaperDoors.as_view({"get": "retrieve"})),
    path("programmes/", ProgrammeDoors.as_view({"get": "list"})),
    path(programme, ProgrammeDoors.as_view({"get": "retrieve"})),
    path(f"{programme}assess/", ProgrammeDoors.as_view({"post": "assess"})),
    path("queues/", QueueDoors.as_view({"get": "list"})),
    path("targets/", TargetDoors.as_view({"get": "list"})),
    path(
        "parties/<int:party_pk>/facts/",
        ProfileDoors.as_view({"get": "list", "patch": "declare"}),
    ),
    *router.urls,
    re_path("", NoSuchAddress.as_view()),
]
