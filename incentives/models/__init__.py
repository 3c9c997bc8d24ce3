from incentives.models.award import (
    Award,
    AwardShare,
    Instalment,
    InstalmentFinding,
    Settlement,
)
from incentives.models.budget import Budget, BudgetChange, CapExcess, Fund, YearClose
from incentives.models.bureau import Bureau
from incentives.models.counter import Counter, CounterEntry
from incentives.models.credit import CreditListing
from incentives.models.document import PolicyDocument
from incentives.models.draft import ProgrammeDraft
from incentives.models.export import Export, ExportFetch
from incentives.models.ledger import LedgerEntry
from incentives.models.payout import (
    BankResult,
    PayeeHold,
    PayoutBatch,
    PayoutFile,
    PayoutFormat,
    PayoutLine,
)
from incentives.models.pool import Pool
from incentives.models.programme import Programme, ProgrammeVersion
from incentives.models.prorata import ProRata, ProRataLine
from incentives.models.recovery import ReceiptReversal, Recovery, RecoveryEntry
from incentives.models.register import RegisterEntry, RegisterStep
from incentives.models.registry import ImportRow, RegistryImport, RegistryRecord
from incentives.models.reversal import OpeningReversal
from incentives.models.setting import Setting
from incentives.models.target import Target, TargetActual

__all__ = [
    "Award",
    "AwardShare",
    "BankResult",
    "Budget",
    "BudgetChange",
    "Bureau",
    "CapExcess",
    "Counter",
    "CounterEntry",
    "CreditListing",
    "Export",
    "ExportFetch",
    "Fund",
    "ImportRow",
    "Instalment",
    "InstalmentFinding",
    "LedgerEntry",
    "OpeningReversal",
    "PayeeHold",
    "PayoutBatch",
    "PayoutFile",
    "PayoutFormat",
    "PayoutLine",
    "PolicyDocument",
    "Pool",
    "ProRata",
    "ProRataLine",
    "Programme",
    "ProgrammeDraft",
    "ProgrammeVersion",
    "ReceiptReversal",
    "Recovery",
    "RecoveryEntry",
    "RegisterEntry",
    "RegisterStep",
    "RegistryImport",
    "RegistryRecord",
    "Setting",
    "Settlement",
    "Target",
    "TargetActual",
    "YearClose",
]
