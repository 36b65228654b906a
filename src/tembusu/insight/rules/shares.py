"""The share of study-sites that reached a measure within its target, and what counts."""

import math
from dataclasses import dataclass

Z95 = 1.959963984540054  # two-sided 95 per cent


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those that can be judged were within the target.

    :ivar n: judged: reached, or not reached although the target had passed
    :ivar n_within: reached within the target
    :ivar n_waiting: not judged: unfinished and not due yet, or left before it was due
    :ivar low: lower end of the 95% interval, 0 to 1; None where nothing is judged
    :ivar high: its upper end
    """

    n: int
    n_within: int
    n_waiting: int
    low: float | None
    high: float | None

    @property
    def n_missed(self) -> int:
        return self.n - self.n_within

    @property
    def fraction(self) -> float | None:
        """The share, 0 to 1; None where nothing is judged."""
        return self.n_within / self.n if self.n else None


def share(*, n_within: int, n_missed: int, n_waiting: int) -> Share:
    """Return the share within the target with its 95% interval by Wilson's score method.

    :raises ValueError: for a negative count

    Source: Wilson, J Am Stat Assoc 1927; 22: 209-212.

    >>> round(share(n_within=34, n_missed=66, n_waiting=9).low, 4)
    0.2546
    """
    if min(n_within, n_missed, n_waiting) < 0:
        raise ValueError("A count cannot be below nought.")
    n = n_within + n_missed
    if n == 0:
        return Share(0, 0, n_waiting, None, None)
    low, high = wilson(n_within, n)
    return Share(n, n_within, n_waiting, low, high)


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of ``k`` of ``n``; ``n`` is at least 1."""
    p, z2 = k / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low = 0.0 if k == 0 else middle - half
    high = 1.0 if k == n else middle + half
    return max(0.0, low), min(1.0, high)
