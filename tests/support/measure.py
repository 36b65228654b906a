"""Sizes of our functions and files beside those of the projects we learn from.

The models' figures are those of shared/design/conventions.md. They are gauges, not gates.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
MODELS = {"function median": 8, "function p95": 45, "file p95": 400}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lines of each function and each file of one part of the project."""

    functions: tuple[int, ...]
    files: tuple[int, ...]


def percentile(values: Iterable[int], fraction: float) -> int:
    """Return the smallest value that at least this fraction of the values do not exceed.

    :raises ValueError: if there are no values
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a percentile of nothing")
    rank = max(1, -(-len(ordered) * int(fraction * 1000) // 1000))
    return ordered[rank - 1]


def function_sizes(source: str) -> Iterator[int]:
    """Yield the lines of each function: its own body and signature, decorators apart."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def measure(files: Iterable[Path]) -> Sizes:
    texts = [path.read_text() for path in files]
    functions = [size for text in texts for size in function_sizes(text)]
    lines = [len(text.splitlines()) for text in texts]
    return Sizes(tuple(functions), tuple(line for line in lines if line))


def is_test(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts or path.name == "conftest.py"


def parts() -> dict[str, list[Path]]:
    ours = [
        path
        for top in ("src", "tests", "bench", "validation")
        for path in (ROOT / top).rglob("*.py")
    ]
    ours = [path for path in [*ours, ROOT / "conftest.py"] if "migrations" not in path.parts]
    return {
        "source": [path for path in ours if not is_test(path)],
        "tests": [path for path in ours if is_test(path)],
    }


def main() -> int:
    print(f"{'':8}{'files':>7}{'lines':>8}{'functions':>11}{'median':>8}{'p95':>6}{'file p95':>10}")
    totals = {}
    for name, files in parts().items():
        sizes = measure(files)
        totals[name] = sum(sizes.files)
        numbers = (median(sizes.functions), percentile(sizes.functions, 0.95))
        print(
            f"{name:8}{len(sizes.files):>7}{totals[name]:>8}{len(sizes.functions):>11}"
            f"{numbers[0]:>8.0f}{numbers[1]:>6}{percentile(sizes.files, 0.95):>10}"
        )
    models = MODELS.values()
    print("{:8}{:>7}{:>8}{:>11}{:>8}{:>6}{:>10}".format("models", "", "", "", *models))
    print(f"lines of test for each line of source: {totals['tests'] / totals['source']:.2f} (>= 1)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
