"""A million pending cases granted in their order, over only reading and writing their rows."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from django.db import connection
from django.utils import timezone

from config.embedded.binaries import installed
from reviews.domain.outlook_deciding import decide, one_moment
from reviews.domain.outlook_limits import books
from reviews.models import Outlook, OutlookDecision
from tests.bench.clock import seconds
from tests.bench.lines import SIZES, Line
from tests.bench.outlook_rows import fill

ROUNDS = 5
READ = (
    "SELECT application_id, version_id, fen, limits FROM reviews_outlookask"
    " WHERE city_id = 'qingdao' ORDER BY since, application_id"
)
COLUMNS = "outlook_id, place, application_id, asked, granted, limited_by_id"


def outlook_over_copy(_cases: int) -> float:
    """Seconds of an outlook over those of COPY, which reads the same rows and writes the same."""
    found = _outlook()
    _must_be_as_one_by_one(found)
    with tempfile.TemporaryDirectory() as folder:
        read, written = Path(folder, "asks"), Path(folder, "decisions")
        decided = f"SELECT {COLUMNS} FROM reviews_outlookdecision WHERE outlook_id = {found.pk}"
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_copied (LIKE reviews_outlookdecision INCLUDING ALL)")
        _psql(f"\\copy ({decided}) to '{written}'")

        def copied() -> None:
            _psql(f"\\copy ({READ}) to '{read}'")
            _psql(f"\\copy bench_copied ({COLUMNS}) from '{written}'")

        ours, baseline = [], []
        for _ in range(ROUNDS):
            ours.append(seconds(_outlook))
            baseline.append(seconds(copied))
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE bench_copied")
    print(f"outlook: {median(ours):.2f} s, COPY {median(baseline):.2f} s", file=sys.stderr)
    return median(ours) / median(baseline)


def _outlook() -> Outlook:
    outlook = Outlook.objects.create(city_id="qingdao", year=timezone.localdate().year)
    with one_moment() as reading:
        decide(outlook, reading)
    return outlook


def _must_be_as_one_by_one(outlook: Outlook) -> None:
    """Row by row, by the naive way: the least room of all limits, taken from each of them."""
    found = books(outlook.city_id, outlook.year)
    with connection.cursor() as cursor:
        cursor.execute(READ)
        asks = cursor.fetchall()
    naive = []
    for _case, version, fen, own in asks:
        limits = [*own, *found.standing[version].limits]
        least = min(fen, *(found.rooms[number] for number in limits))
        for number in limits:
            found.rooms[number] -= least
        naive.append(least)
    decided = OutlookDecision.objects.filter(outlook=outlook).order_by("place")
    assert list(decided.values_list("granted", flat=True)) == naive
    asked = [fen for _case, _version, fen, _own in asks]
    got = sum(1 for fen, granted in zip(asked, naive, strict=True) if fen == granted)
    none = naive.count(0)
    print(
        f"{len(naive)} cases: {got} in full, {none} nothing, the same one by one", file=sys.stderr
    )


def _psql(command: str) -> None:
    told = connection.settings_dict
    host = told["HOST"] or told["OPTIONS"]["host"]
    program = [installed().postgres / "psql", "-h", host, "-U", told["USER"], "-d", told["NAME"]]
    given = os.environ | {"PGPASSWORD": told["PASSWORD"]}
    subprocess.run([*program, "-v", "ON_ERROR_STOP=1", "-qc", command], env=given, check=True)


LINES = [Line("batch_vs_copy", outlook_over_copy, SIZES, fill=fill)]
