"""What the database's refusals say to people, by the code that its functions raise."""

from collections.abc import Callable

from django.utils.translation import gettext as _

Refusal = Callable[[str], str | dict[str, str]]
REFUSALS: dict[str, Refusal] = {
    "HQ001": lambda _told: _("The award is no longer reserved; reload the case."),
    "HQ002": lambda used: {"limit": _("%s yuan have been awarded under it already.") % used},
    "HQ003": lambda _told: _("The payment has moved on; reload the batch."),
    "HQ004": lambda _told: _(
        "A payout line must match a due instalment and an account of its payee."
    ),
    "HQ005": lambda _told: _("The instalments must add up to the award."),
    "HQ006": lambda _told: _("This change has been carried out already."),
    "HQ007": lambda _told: _("Only a list that was taken in opens awards and balances."),
    "HQ008": lambda _told: _("A balance of this cap stands already; upload the list again."),
    "HQ009": lambda key: (
        _("No cap of the row’s programme and city counts under “%s”; upload the list again.") % key
    ),
    "HQ010": lambda _told: _("This budget change has been decided already; reload the page."),
    "HQ011": lambda left: _("Only %s yuan of the budget are left to take away.") % left,
    "HQ012": lambda year: _("The budget year %s is closed; nothing is posted into it.") % year,
    "HQ013": lambda _told: _("The budget is given pro rata: what waits for it is taken together."),
    "HQ014": lambda _told: _("This finding is decided already, or its award is; reload the case."),
    "HQ015": lambda _told: _("This award cannot be topped up; reload the case."),
    "HQ016": lambda _told: _("This settlement is decided already; reload the case."),
    "HQ017": lambda _told: {"taken_from": parts_alone()},
    "HQ018": lambda _told: in_a_batch(),
    "HQ019": lambda _told: _("Money has moved of this award since; it cannot be reversed."),
    "HQ020": lambda _told: {"amount": _("An amount is in whole fen, and above 0 yuan.")},
    "HQ022": lambda _told: _("This reversal is decided already; reload the page."),
    "HQ023": lambda year: (
        _(
            "The year of approval, %s, is closed: what several payers share grows no more. "
            "Drop the settlement and find on its stages instead."
        )
        % year
    ),
    "HQ040": lambda left: {"amount": _("At most %s yuan can come in on this demand.") % left},
    "HQ041": lambda day: {
        "reference": _("This receipt of %s was entered already; look at what came back.") % day
    },
    "HQ042": lambda _told: {"receipt": not_a_receipt()},
    "HQ043": lambda _told: _(
        "All of the award had come back when its organisation ended: nothing shows whose limits "
        "would have it again."
    ),
    "HQ044": lambda missing: (
        _(
            "What came back was given to others since, and the budget lacks %s yuan: "
            "supplement it first."
        )
        % missing
    ),
    "HQ045": lambda _told: _("A write-off is signed by two different people."),
    "HQ046": lambda _told: _("A budget or a pool limits an award by itself, and is no cap of it."),
    "23505": lambda _told: _("This case has an award already."),
}
OF_TRIGGERS = {code: refusal for code, refusal in REFUSALS.items() if code.startswith("HQ")}


def not_a_receipt() -> str:
    return _("Only money that was paid back, and is not reversed yet, can be reversed.")


def in_a_batch() -> str:
    return _("It is in a payout batch or paid: cancel the batch, or demand the money back.")


def parts_alone() -> str:
    return _(
        "What is set aside within a fund's own budget exchanges money with other parts of it "
        "alone: enlarge it by a supplement, make it smaller by a reduction."
    )
