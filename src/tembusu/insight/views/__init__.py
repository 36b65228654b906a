"""Pages of insight: figures, groups, the process map, cases behind figures, definitions, papers."""
