from incentives.models.award import Award, Instalment
from incentives.models.bureau import Bureau
from incentives.models.counter import Counter, CounterEntry
from incentives.models.document import PolicyDocument
from incentives.models.ledger import LedgerEntry
from incentives.models.payout import PayoutBatch, PayoutFile, PayoutLine
from incentives.models.pool import Pool
from incentives.models.programme import Programme, ProgrammeVersion
from incentives.models.setting import Setting

__all__ = [
    "Award",
    "Bureau",
    "Counter",
    "CounterEntry",
    "Instalment",
    "LedgerEntry",
    "PayoutBatch",
    "PayoutFile",
    "PayoutLine",
    "PolicyDocument",
    "Pool",
    "Programme",
    "ProgrammeVersion",
    "Setting",
]
