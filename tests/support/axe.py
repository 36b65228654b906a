"""axe-core in a page: what it finds wrong, in words.

The script is evaluated through the browser's debugger, which the page's Content-Security-Policy
does not govern; so the policy stays as it is while the page is examined.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCRIPT = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str
    impact: str
    help: str
    targets: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.help} at {', '.join(self.targets[:5])}"


def violations(page: Page, *, within: str | None = None) -> list[Violation]:
    """Return what axe finds wrong in the page as it stands, or in the part a selector names."""
    if not SCRIPT.is_file():
        pytest.skip("axe-core is not installed: run `npm ci`")
    # A click waits until the next page has begun, not until there is anything in it.
    page.wait_for_load_state("load")
    if not page.evaluate("() => 'axe' in window"):
        # Wrapped, for a script's own last value may not be one that can be handed over.
        page.evaluate(f"() => {{ {SCRIPT.read_text()} }}")
    found: dict[str, Any] = page.evaluate(
        "([where, tags]) => axe.run(where ?? document, {resultTypes: ['violations'],"
        " runOnly: {type: 'tag', values: tags}})",
        [within, RULES],
    )
    return [read(item) for item in found["violations"]]


def read(item: dict[str, Any]) -> Violation:
    targets = tuple(str(node["target"][0]) for node in item["nodes"])
    return Violation(item["id"], item["impact"] or "none", item["help"], targets)
