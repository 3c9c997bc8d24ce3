from incentives.models.award import Award, Instalment
from incentives.models.bureau import Bureau
from incentives.models.counter import Counter, CounterEntry
from incentives.models.document import PolicyDocument
from incentives.models.draft import ProgrammeDraft
from incentives.models.ledger import LedgerEntry
from incentives.models.payout import PayoutBatch, PayoutFile, PayoutLine
from incentives.models.pool import Pool
from incentives.models.programme import Programme, ProgrammeVersion
from incentives.models.register import RegisterEntry, RegisterStep
from incentives.models.registry import ImportRow, RegistryImport, RegistryRecord
from incentives.models.setting import Setting
from incentives.models.target import Target, TargetActual

__all__ = [
    "Award",
    "Bureau",
    "Counter",
    "CounterEntry",
    "ImportRow",
    "Instalment",
    "LedgerEntry",
    "PayoutBatch",
    "PayoutFile",
    "PayoutLine",
    "PolicyDocument",
    "Pool",
    "Programme",
    "ProgrammeDraft",
    "ProgrammeVersion",
    "RegisterEntry",
    "RegisterStep",
    "RegistryImport",
    "RegistryRecord",
    "Setting",
    "Target",
    "TargetActual",
]
