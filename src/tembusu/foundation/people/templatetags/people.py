"""What the sign-in pages need beside the components of ``ui``."""

from collections.abc import Mapping
from typing import Any

from django import template

from tembusu.foundation.people import sign_in
from tembusu.foundation.people.models import Person

register = template.Library()


@register.simple_tag
def demonstration_code(person: Person | None) -> str:
    """Return the present code of a demonstration account, '' for everybody else."""
    return sign_in.demonstration_code(person) if person is not None else ""


@register.simple_tag
def shows_codes() -> bool:
    """Say whether this deployment shows demonstration codes."""
    return sign_in.shows_codes()


@register.simple_tag(takes_context=True)
def set_up_key(context: Mapping[str, Any]) -> str:
    """Return the pending second factor's key in groups of four, as people type it."""
    secret: str = context["form"].secret
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
