"""What `make demo` fills an empty database with: each room's own demo, lower rooms first."""

from django.conf import settings
from django.utils import timezone

from tembusu.coordination.registry import demo as registry
from tembusu.coordination.startup import demo as startup
from tembusu.coordination.submissions import demo as submissions
from tembusu.foundation.jurisdictions import demo as jurisdictions
from tembusu.foundation.people import demo as people
from tembusu.insight import demo as insight


def is_loaded() -> bool:
    """Say whether the demo is there, whole."""
    return registry.is_loaded()


def load() -> None:
    """Make the synthetic portfolio with its people."""
    at = timezone.now()
    people.load(at)
    jurisdictions.load(at)
    registry.load(at, settings.TEMBUSU_HOME_COUNTRY_NAME)
    submissions.load(at)
    startup.load_live(at)
    startup.load_past(at, settings.TEMBUSU_HOME_COUNTRY_NAME)
    insight.load(at)


def accounts() -> list[tuple[str, str, str]]:
    """Return (e-mail address, password, role and what it sees) of each demo account."""
    return [
        (email, people.DEMO_PASSWORD, f"{role}: {sees}")
        for email, role, sees in people.demo_accounts()
    ]
