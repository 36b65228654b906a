"""Sphinx's settings: Markdown pages (MyST) in the Furo theme, without anything from other sites."""

import tomllib
from pathlib import Path

_project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]

project = "Tembusu"
author = "The Tembusu contributors"
copyright = "The Tembusu contributors, Apache License 2.0"  # noqa: A001 Sphinx's own name
version = release = _project["version"]
language = "en_GB"

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"Tembusu {version}"
html_show_sphinx = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5f57", "color-brand-content": "#0b5f57"},
    "dark_css_variables": {"color-brand-primary": "#66c9b7", "color-brand-content": "#66c9b7"},
}
