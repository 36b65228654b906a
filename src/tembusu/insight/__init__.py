"""National indicators: pre-computed figures over start-up, with their n, age and definition.

Nothing of the country's is fixed here: what a figure counts from, and what it should be, are versioned
definitions. Unfinished cases count as censored; a site that was withdrawn and a study that was stopped
compete with opening. Figures are kept in step by the event ``startup.milestones_changed``.
"""
