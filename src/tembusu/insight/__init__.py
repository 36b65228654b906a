"""National indicators: pre-computed figures over start-up, with their n, age and definition.

Governing text: the definitions kept here as versioned data; unfinished cases count as censored.
"""
