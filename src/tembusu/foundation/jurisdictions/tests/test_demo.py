"""The demonstration ties the pack's bodies to fictitious ones, and may run again."""

import pytest

from tembusu.foundation.jurisdictions import demo, selectors
from tembusu.foundation.jurisdictions.models import PackVersion
from tembusu.foundation.people import demo as people

from .conftest import AT


@pytest.mark.django_db
def test_the_demonstration_has_its_bodies_and_its_quorum(settings) -> None:
    settings.TEMBUSU_SYNTHETIC = True
    settings.PRODUCTION = False
    people.load(AT)
    demo.load(AT)
    demo.load(AT)
    assert set(selectors.organisations_of_authorities()) == set(demo.TIES)
    assert PackVersion.objects.count() == 2
    rules = selectors.board_rules(AT.date(), "CIRB")
    assert rules.quorum == demo.QUORUM
    assert not next(one for one in rules.items if one.key == "quorum").is_verified
