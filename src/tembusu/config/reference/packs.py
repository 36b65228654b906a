"""The page of pack files: what an item of each theme may hold."""

from tembusu.config.reference.markdown import MADE, table
from tembusu.foundation.jurisdictions import selectors
from tembusu.foundation.jurisdictions.terms import ItemKind

INTRO = """# Pack files

What a country asks of a trial, as one TOML file: `sg.toml`, `uk.toml`, or a deployment's own,
which `TEMBUSU_JURISDICTION` names by its path. It is read strictly when the platform starts:
every fault names the file, the theme, the item and what is expected.

At the top stand `schema = 1`, `key`, `name` and `country` (ISO 3166). The table `sources` names
addresses, so that an item can say `source = "@law"`. Each item begins with `[[theme]]` and has:

| Entry | What it is |
|---|---|
| `key` | its name within the theme, without spaces; other rooms hold on to it |
| `label` | what it is, for people |
| `kind` | the kind of its value, where the theme takes several and not the first is meant |
| `value` | left out where nobody has found it; then `note` says so |
| `unit` | of a number |
| `source` | an address (`https://…`), or `@` and a name of `sources` |
| `from`, `to` | first day on which it holds, first on which it holds no longer |
| `verified` | `true` where somebody read the value at its source |
| `note` | whatever a reader should know |

Several items of one key are its periods, and may not overlap. A value of kind `table` is written
below its item as `[theme.value]`.
"""
KINDS = {
    ItemKind.NUMBER: "a whole number, with a unit",
    ItemKind.YES_NO: "`true` or `false`",
    ItemKind.TEXT: "a text",
    ItemKind.CHOICE: "one of the theme's words",
    ItemKind.WORDS: "a list of texts",
    ItemKind.DATES: 'a list of days with or without a name: `"2026-08-10 National Day"`',
    ItemKind.TABLE: "a small structure",
}
TREE = """
## The tree

A question's value has `level` (`study` or `product`), `text`, `hint`, `choices` (`{ value, label
}`) and `asked_when`: a list of alternatives, each a table from earlier questions to the answers
with which this one is asked. Without it, it is always asked. Questions about the study come
first.

A route's value has `level`, `when` (alternatives, as above), `obligation` (a key of the theme
`obligations`, or `none`), `reason`, `clocks` (`{ clock, when }`, the first that fits holds),
`checks` (`{ text, source }`) and, where there is no application, `label`. Every route whose
answers are given applies. Each way through the questions must lead to one.

A contradiction's value has `answers`, two questions with one answer each that exclude each other,
and `reason`.

A cut-off's value is `every` (`working day`, `weekday`, `day` or `dates`) with `n`, `weekday`,
`except_months`, `dates`, `if_not_working`, `before` and `before_unit`: `{ every = "working day",
n = 1, except_months = [12] }`.
"""


def page() -> str:
    rows = [
        [
            f"`{theme.value}`",
            shape.says,
            ", ".join(shape.kinds),
            ", ".join(shape.units) or "–",
            ", ".join(f"`{name}`" for name in shape.needs) or "–",
            ", ".join(f"`{name}`" for name in shape.takes) or "–",
        ]
        for theme, shape in selectors.shapes().items()
    ]
    heads = ["Theme", "Holds", "Kinds of value", "Units", "Needs", "May have"]
    kinds = table(["Kind", "Value"], [[f"`{kind}`", says] for kind, says in KINDS.items()])
    themes = table(heads, rows)
    return f"{MADE}{INTRO}\n## Kinds of value\n\n{kinds}\n\n## Themes\n\n{themes}\n{TREE}"
