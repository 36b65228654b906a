"""Countries of bodies are shown by name."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_countries_are_shown_by_name(signed_in, cast, bodies):
    client = signed_in(cast.administrator)
    listed = client.get("/people/organisations/?country=SG").context
    assert [chip.label for chip in listed["countries"]] == ["Singapore"]
    assert [chip.value for chip in listed["filters"]] == ["Singapore"]
    page = client.get(reverse("people:organisation", args=[bodies.raintree.pk])).content.decode()
    assert "Bandar, Singapore" in page
