"""People of the core's tests."""

from datetime import UTC, datetime

from tembusu.foundation.people.models import Person

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def person(name: str = "Mei Tan") -> Person:
    first = name.split()[0].lower()
    return Person.objects.create(
        email=f"{first}@example.org", full_name=name, registered_at=AT, is_active=True
    )
