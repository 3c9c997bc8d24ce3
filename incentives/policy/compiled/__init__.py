"""Programmes compiled: one function for a row of facts, polars expressions for columns of them."""

from .answer import Compiled, Row
from .columns import GRANTABLE, Plan, compile_columns
from .form import NotCompiled
from .lowering import lower
from .rows import compile_rows, source_of
from .typed import TypedValue, read_typed
from .typed_columns import Framed, framed

__all__ = [
    "GRANTABLE",
    "Compiled",
    "Framed",
    "NotCompiled",
    "Plan",
    "Row",
    "TypedValue",
    "compile_columns",
    "compile_rows",
    "framed",
    "lower",
    "read_typed",
    "source_of",
]
