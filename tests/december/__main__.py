"""A December in one command: `make december`, or ARGS="2000" for fewer determinations.

Budgets, determinations in batches, objections, publicity, payments, returns, recoveries and the
close of the year, by the verbs of the domain on a throw-away PostgreSQL. It ends with a statement
that adds up to the fen, or names what does not and exits with 1.
"""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from tests import servers

if TYPE_CHECKING:
    from tests.december.run import Outcome

DETERMINATIONS, FEWEST = 50_000, 400  # with fewer not everything happens that is to happen


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.december", description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=DETERMINATIONS)
    size = parser.parse_args().size
    if size < FEWEST:
        parser.error(f"{size} determinations are too few; write {FEWEST} or more")
    servers.begin_session()
    try:
        urls = servers.addresses()
        servers.clone_template(urls["DATABASE_OWNER_URL"], "december")
        url = servers.in_database(urls["DATABASE_URL"], "december")
        os.environ |= {"DATABASE_URL": url, "REDIS_URL": urls["REDIS_URL"]}
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        return _run(size)
    finally:
        servers.end_session()


def _run(size: int) -> int:
    import django  # the addresses above come first

    django.setup()
    from tests.december.run import december

    return told(december(size, lambda line: print(line, flush=True)))


def told(outcome: "Outcome") -> int:
    """Print the statement, and what is wrong with it; the exit code."""
    print(outcome.statement.text())
    for trouble in outcome.troubles:
        print(trouble, file=sys.stderr)
    held = sum(one.holds for one in outcome.statement.equations)
    print(f"{held} of {len(outcome.statement.equations)} equations hold to the fen")
    return 1 if outcome.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
