"""Programmes compiled: one function for a row of facts, polars expressions for columns of them."""

from .columns import Plan, compile_columns
from .form import NotCompiled
from .lower import lower
from .rows import Compiled, compile_rows, source_of
from .typed import TypedValue, read_typed

__all__ = [
    "Compiled",
    "NotCompiled",
    "Plan",
    "TypedValue",
    "compile_columns",
    "compile_rows",
    "lower",
    "read_typed",
    "source_of",
]
