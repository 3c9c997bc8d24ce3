import time
from collections.abc import Callable
from statistics import median


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def interleaved(
    one: Callable[[], object], other: Callable[[], object], rounds: int = 5
) -> tuple[float, float]:
    """Median seconds of each over some rounds, taken in turns so that a busy machine hits both."""
    taken = [(seconds(one), seconds(other)) for _ in range(rounds)]
    return median(a for a, _ in taken), median(b for _, b in taken)
