"""The worth of each amount node: an interval, or None while a fact or setting is missing."""

from . import work_leaves, work_parts, work_rows  # noqa: F401  # each registers its nodes
from .working import evaluate

__all__ = ["evaluate"]
