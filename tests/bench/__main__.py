"""What things cost, as ratios against a baseline measured in the same run: `make bench`.

One `name: ratio` a line; `make bench ARGS="ledger_csv_vs_copy"` measures only the lines named, and
`make bench-growth` those that have sizes at each of them, for docs/images/growth.svg. What each
line measures, and against what, stands in docs/performance.md.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tests import servers

if TYPE_CHECKING:
    from tests.bench.lines import Line


def main() -> None:
    arguments = _arguments()
    servers.begin_session()
    try:
        urls = servers.addresses()
        url = servers.in_database(urls["DATABASE_OWNER_URL"], "postgres")  # each line moves on
        os.environ |= {"DATABASE_URL": url, "REDIS_URL": urls["REDIS_URL"]}
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        _run(arguments, urls["DATABASE_OWNER_URL"])
    finally:
        servers.end_session()


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="lines to measure; all when none is named")
    parser.add_argument("--growth", action="store_true", help="at each size, and draw the chart")
    return parser.parse_args()


def _run(arguments: Any, owner_url: str) -> None:
    import django  # the addresses above come first

    django.setup()
    from tests.bench import growth, registered

    lines = registered.chosen(arguments.names)
    if arguments.growth:
        lines = [line for line in lines if line.sizes]
        growth.draw(list(_measured(lines, owner_url, every_size=True)))
    else:
        list(_measured(lines, owner_url, every_size=False))


def _measured(
    lines: "Iterable[Line]", owner_url: str, *, every_size: bool
) -> Iterator[tuple[str, int, float]]:
    """Name, rows and ratio, printed as they come; lines over the same rows share a database."""
    from tests.bench.lines import own_database

    for fill, sharing in groupby(lines, key=lambda line: line.fill):
        together = list(sharing)
        sizes = sorted({size for line in together for size in (line.sizes or (0,))})
        for size in sizes if every_size else sizes[-1:]:
            with own_database(owner_url, "bench"):
                if fill:
                    fill(size)
                for line in together:
                    ratio = line.ratio(size)
                    at = f" at {size}" if every_size else ""
                    print(f"{line.name}{at}: {ratio:.2f}", flush=True)
                    yield line.name, size, ratio


if __name__ == "__main__":
    sys.exit(main())
