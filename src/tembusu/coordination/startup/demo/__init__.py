"""Synthetic start-ups of past years, from a documented generator (``history``), for demonstrations.

What loads them is imported when it is called: the generator itself needs neither Django nor a database.
"""

from datetime import datetime


def load_live(at: datetime) -> int:
    """Select sites and walk them some way through the room's own acts; return how many there are."""
    from tembusu.coordination.startup.demo import live
    from tembusu.foundation.people import demo as people

    return live.load(at, people.person_as)


def load_past(at: datetime, home_country: str) -> int:
    """Bring in five years of start-ups at the demonstration's bodies; return how many were made.

    Study-sites that have a start-up already keep it, so this comes after whatever selects live ones.

    :param at: the demonstration's present
    :param home_country: the home country's name as registries write it
    """
    from tembusu.coordination.registry.demo import past as registry
    from tembusu.coordination.startup.demo import years
    from tembusu.foundation.people import demo as people
    from tembusu.foundation.people.terms import Role

    registry.load(at, home_country)
    lead = people.person_as(Role.COORDINATING_LEAD)
    studies = [
        years.PastStudy(one.study_id, one.start_date, one.sponsor, one.institution_ids)
        for one in registry.begun_studies()
    ]
    return years.bring_in(studies, by=lead, at=at)
