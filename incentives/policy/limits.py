"""The limit of a cap on one case: written, set, found in a table, or worked out from facts."""

from decimal import Decimal, localcontext

from .caps import Cap
from .case import Case
from .derive import EXACT
from .evaluate import evaluate
from .lookup import looked_up
from .nodes import NodeBase
from .scalars import to_fen


def limit_of(cap: Cap, case: Case) -> Decimal | None:
    """Yuan to the fen, or a count; None while a fact or setting is missing."""
    if not isinstance(cap.limit, NodeBase):
        return looked_up(cap.limit, case)
    quiet = case.apart()
    with localcontext(EXACT):
        found = evaluate(cap.limit, quiet, f"limit:{cap.id}")
    quiet.steps.clear()
    case.join(quiet)
    return None if found is None else to_fen(found.low)
