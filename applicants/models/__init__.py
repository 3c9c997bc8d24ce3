from applicants.models.bank_account import BankAccount
from applicants.models.chain import ChainAnchor, ChainHead, ChainLink
from applicants.models.document import Document
from applicants.models.event import Event
from applicants.models.fact import ProfileFact
from applicants.models.idempotency import IdempotencyKey
from applicants.models.notice import (
    Delivery,
    Digest,
    Endpoint,
    Notice,
    NoticePreference,
    NoticeTemplate,
)
from applicants.models.numbering import NumberSeries
from applicants.models.party import Membership, Party
from applicants.models.party_change import PartyChange
from applicants.models.place import City, District
from applicants.models.user import User

__all__ = [
    "BankAccount",
    "ChainAnchor",
    "ChainHead",
    "ChainLink",
    "City",
    "Delivery",
    "Digest",
    "District",
    "Document",
    "Endpoint",
    "Event",
    "IdempotencyKey",
    "Membership",
    "Notice",
    "NoticePreference",
    "NoticeTemplate",
    "NumberSeries",
    "Party",
    "PartyChange",
    "ProfileFact",
    "User",
]
