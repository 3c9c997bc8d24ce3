"""The rounds given pro rata, computed again from what was asked and the room alone."""

from collections.abc import Iterator

from incentives.models import ProRata
from tests.december.books import fen
from tests.december.equations import Equation


def computed_again(year: int) -> Iterator[Equation]:
    """For each round its sum, and for each case its share."""
    rounds = ProRata.objects.filter(budget__year=year).select_related("budget").order_by("pk")
    for number, one in enumerate(rounds, start=1):
        rows = one.lines.order_by("case_number").values_list("case_number", "asked", "share")
        lines = {case: (fen(asked), fen(share)) for case, asked, share in rows}
        right = largest_remainder(
            fen(one.room), {case: asked for case, (asked, _) in lines.items()}
        )
        where = f"round {number} of {one.budget.key}"
        given = sum(share for _asked, share in lines.values())
        yield Equation(where, ("given", fen(one.given)), ("its shares added up", given))
        for case, (_asked, share) in lines.items():
            yield Equation(f"{where}, {case}", ("share", share), ("computed again", right[case]))


def largest_remainder(room: int, asked: dict[str, int]) -> dict[str, int]:
    """Fen by case; what is left goes to the largest remainders, among equals to the earlier."""
    whole = sum(asked.values())
    if whole <= room:
        return asked
    cut = {case: room * one // whole for case, one in asked.items()}
    left = room - sum(cut.values())
    order = sorted(asked, key=lambda case: (-(room * asked[case] % whole), case))
    one_more = set(order[:left])
    return {case: cut[case] + (case in one_more) for case in asked}
