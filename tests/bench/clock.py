import time
from collections.abc import Callable
from statistics import median


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def interleaved(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each over five rounds, taken in turns so that a busy machine hits both."""
    rounds = [(seconds(one), seconds(other)) for _ in range(5)]
    return median(a for a, _ in rounds), median(b for _, b in rounds)
