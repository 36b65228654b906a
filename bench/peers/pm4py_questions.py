"""The questions of `bench/process.py`, asked of pm4py. Runs in pm4py's own environment, never in ours.

    python bench/peers/pm4py_questions.py LOG CASE ACTIVITY TIMESTAMP

Prints one line of JSON: the answers, and the seconds that the work took after the start of Python and
pm4py. pm4py is AGPL: nothing of the project imports this file, and it imports nothing of the project.
"""

import json
import sys
import time

import pandas
import pm4py


def main() -> None:
    path, case, activity, timestamp = sys.argv[1:]
    began = time.perf_counter()
    table = pandas.read_csv(path, dtype={case: str, activity: str}, keep_default_na=False)
    log = pm4py.format_dataframe(
        table, case_id=case, activity_key=activity, timestamp_key=timestamp, timest_format="ISO8601"
    )
    graph, _, _ = pm4py.discover_dfg(log)
    variants = pm4py.get_variants(log)
    days = pandas.Series(pm4py.get_all_case_durations(log)) / 86400
    seconds = time.perf_counter() - began
    answers = {
        "cases": int(log["case:concept:name"].nunique()),
        "events": len(log),
        "activities": int(log["concept:name"].nunique()),
        "variants": len(variants),
        "median_days": round(float(days.median()), 6),
        "mean_days": round(float(days.mean()), 6),
    }
    edges = sorted([a, b, int(n)] for (a, b), n in graph.items())
    print(json.dumps({"answers": answers, "edges": edges, "seconds": seconds}))


if __name__ == "__main__":
    main()
