"""How long the estimates of a dashboard take: Kaplan-Meier and Aalen-Johansen of counts and of cases.

    python bench/survival.py [--repeats 200]

The nation is 5,000 studies at 8 sites, a fifth still under way, a twentieth withdrawn; a slice is 400 of
them. lifelines answers the same from the cases, for comparison; no target is promised.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from trialtime.survival import aalen_johansen_of_counts, kaplan_meier, kaplan_meier_of_counts

N_CASES, N_SLICE = 40_000, 400


def timed(name: str, repeats: int, work: Callable[[], object]) -> None:
    work()
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    high = took[round(0.95 * (len(took) - 1))]
    print(f"{name:48} n {repeats:4}  median {statistics.median(took):8.3f} ms  p95 {high:8.3f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--repeats", type=int, default=200)
    repeats = parser.parse_args().repeats
    generator = np.random.default_rng(20260301)
    days = np.ceil(generator.lognormal(5.0, 0.6, N_CASES)).astype(int)
    kind = generator.choice(3, N_CASES, p=[0.2, 0.75, 0.05])  # under way, opened, withdrawn
    for name, n in (("the nation", N_CASES), ("a slice", N_SLICE)):
        of, what = days[:n], kind[:n]
        day = np.unique(of)
        under_way, opened, withdrawn = (
            np.bincount(of[what == no], minlength=day[-1] + 1)[day] for no in range(3)
        )
        censored = under_way + withdrawn

        def quartiles(
            day: object = day, opened: object = opened, censored: object = censored
        ) -> object:
            return kaplan_meier_of_counts(day, opened, censored).quartiles()

        def incidence(
            day: object = day,
            opened: object = opened,
            withdrawn: object = withdrawn,
            under_way: object = under_way,
        ) -> object:
            events = {"opened": opened, "withdrawn": withdrawn}
            return aalen_johansen_of_counts(day, events, under_way)["opened"].quantile(0.5)

        timed(f"{name}: quartiles with limits, of counts", repeats, quartiles)
        timed(f"{name}: incidence with limits, of counts", repeats, incidence)
        timed(
            f"{name}: quartiles with limits, of cases",
            repeats,
            lambda of=of, what=what: kaplan_meier(of, what == 1).quartiles(),
        )
    import lifelines

    fitter = lifelines.KaplanMeierFitter()
    timed(
        "the nation: lifelines, median of cases",
        max(repeats // 20, 3),
        lambda: fitter.fit(days, kind == 1).median_survival_time_,
    )
    same = kaplan_meier(days, kind == 1).median().value == fitter.median_survival_time_
    print(f"the medians of both are {'equal' if same else 'DIFFERENT'}")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
