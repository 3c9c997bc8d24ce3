"""The reviewers' desk: Django's admin, scoped by staff roles. One submodule a subject."""

from reviews.admin import (
    caps,
    cases,
    events,
    ledger,
    payouts,
    people,
    places,
    pools,
    programmes,
    registry,
    registry_pages,
    registers,
    settings,
    site,
    sweeps,
    targets,
)

__all__ = [
    "caps",
    "cases",
    "events",
    "ledger",
    "payouts",
    "people",
    "places",
    "pools",
    "programmes",
    "registry",
    "registry_pages",
    "registers",
    "settings",
    "site",
    "sweeps",
    "targets",
]
