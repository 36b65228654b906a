"""How far a person's roles reach, and what they may do there.

``scopes_of`` answers from the scopes where a membership stands down to everything below them, in
one recursive query, and keeps the answer on the user object, which lives as long as its request.
"""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection

from tembusu.foundation.people import rules
from tembusu.foundation.people.models import Membership, Person
from tembusu.foundation.people.terms import Act, MatrixRow, Role, acts, phrase

User = Person | AnonymousUser
T = TypeVar("T")
_CACHE = "_people_cache"
_DOWN = """
WITH RECURSIVE reach AS (
    SELECT scope_id AS id FROM people_membership
    WHERE person_id = %(person)s AND ended_at IS NULL
      AND (%(roles)s::text[] IS NULL OR role = ANY(%(roles)s::text[]))
  UNION
    SELECT s.id FROM people_scope s JOIN reach r ON s.parent_id = r.id
)
SELECT id FROM reach
"""
_PATHS = """
WITH RECURSIVE path AS (
    SELECT id, parent_id FROM people_scope WHERE id = ANY(%(scopes)s)
  UNION
    SELECT s.id, s.parent_id FROM people_scope s JOIN path p ON s.id = p.parent_id
)
SELECT id FROM path
"""
_ROLES_ON_PATH = """
WITH RECURSIVE path AS (
    SELECT id, parent_id FROM people_scope WHERE id = %(scope)s
  UNION
    SELECT s.id, s.parent_id FROM people_scope s JOIN path p ON s.id = p.parent_id
)
SELECT DISTINCT m.role FROM people_membership m JOIN path p ON p.id = m.scope_id
WHERE m.person_id = %(person)s AND m.ended_at IS NULL
"""
_BELOW = """
WITH RECURSIVE reach AS (
    SELECT %(scope)s::bigint AS id
  UNION
    SELECT s.id FROM people_scope s JOIN reach r ON s.parent_id = r.id
)
SELECT id FROM reach
"""


def _cached(user: Person, key: tuple[Any, ...], make: Callable[[], T]) -> T:
    kept: dict[tuple[Any, ...], T] = user.__dict__.setdefault(_CACHE, {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def forget(*users: User | None) -> None:
    """Drop what was kept on these user objects, after their roles or scopes have changed."""
    for user in users:
        person = _real(user) if user is not None else None
        if person is not None:
            person.__dict__.pop(_CACHE, None)


def _real(user: User) -> Person | None:
    """Return the person behind a request's user, if there is one who may still act."""
    if not user.is_authenticated or not user.is_active:
        return None
    # A request's user is a lazy object around the person.
    person: Person = getattr(user, "_wrapped", user)
    return person


def scopes_of(user: User, roles: Collection[Role] | None = None) -> set[int]:
    """Return the ids of the scopes where the user holds one of the roles, and of all below them.

    :param roles: None for any role; an empty collection for none
    """
    person = _real(user)
    if person is None:
        return set()
    wanted = None if roles is None else sorted({str(role) for role in roles})
    key = ("scopes", None if wanted is None else tuple(wanted))
    return set(_cached(person, key, lambda: _descend(person, wanted)))


def _descend(person: Person, roles: list[str] | None) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(_DOWN, {"person": person.pk, "roles": roles})
        return frozenset(row[0] for row in cursor.fetchall())


def roles_on(user: User, scope_id: int) -> frozenset[Role]:
    """Return the roles that the user holds on this scope, directly or on one above it."""
    person = _real(user)
    if person is None:
        return frozenset()
    return _cached(person, ("roles", scope_id), lambda: _ascend(person, scope_id))


def _ascend(person: Person, scope_id: int) -> frozenset[Role]:
    with connection.cursor() as cursor:
        cursor.execute(_ROLES_ON_PATH, {"scope": scope_id, "person": person.pk})
        return frozenset(Role(row[0]) for row in cursor.fetchall())


def ancestors(scope_id: int) -> list[int]:
    """Return the scope's own id and those of all above it."""
    return above([scope_id])


def above(scope_ids: Collection[int]) -> list[int]:
    """Return the ids of these scopes and of all above them."""
    with connection.cursor() as cursor:
        cursor.execute(_PATHS, {"scopes": list(scope_ids)})
        return [row[0] for row in cursor.fetchall()]


def descendants(scope_id: int) -> list[int]:
    """Return the scope's own id and those of all below it."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"scope": scope_id})
        return [row[0] for row in cursor.fetchall()]


def roles_anywhere(user: User) -> frozenset[Role]:
    """Return every role that the user holds on any scope."""
    person = _real(user)
    if person is None:
        return frozenset()
    return _cached(
        person,
        ("anywhere",),
        lambda: frozenset(
            Role(role)
            for role in Membership.objects.active()
            .filter(person=person)
            .values_list("role", flat=True)
        ),
    )


def holds(user: User, roles: Collection[Role], scope_id: int) -> bool:
    """Say whether the user holds one of the roles on this scope or on one above it."""
    return not roles_on(user, scope_id).isdisjoint(roles)


def holds_anywhere(user: User, roles: Collection[Role]) -> bool:
    """Say whether the user holds one of the roles on any scope."""
    return not roles_anywhere(user).isdisjoint(roles)


def is_staff_person(user: User) -> bool:
    """Say whether the user holds a role that needs a second factor."""
    return holds_anywhere(user, rules.NEEDS_SECOND_FACTOR)


def may(user: User, act: Act, scope_id: int | None = None) -> bool:
    """Say whether the user may do the act, on the record of this scope where it concerns one."""
    if holds_anywhere(user, act.everywhere):
        return True
    if act.kind is None:
        return holds_anywhere(user, act.roles)
    return scope_id is not None and holds(user, act.roles, scope_id)


def why_not(user: User, act: Act, scope_id: int | None = None) -> str:
    """Return why the user may not do the act, or '' where they may."""
    if may(user, act, scope_id):
        return ""
    who = phrase(act.roles | act.everywhere)
    if not who:
        return f"No role may {act.says}."
    here = " here" if act.kind is not None else ""
    return f"You can't {act.says}{here}. It needs the role {who}."


def check(user: User, act: Act, scope_id: int | None = None) -> None:
    """Refuse whoever may not do the act.

    :raises PermissionDenied: saying which roles may
    """
    if reason := why_not(user, act, scope_id):
        raise PermissionDenied(reason)


def matrix() -> list[MatrixRow]:
    """Return the permission matrix, role by act, refused cells included."""
    return [
        MatrixRow(
            room=act.room,
            act=act.name,
            says=act.says,
            role=role,
            in_scope=act.allows(role, in_scope=True),
            out_of_scope=act.allows(role, in_scope=False),
        )
        for act in acts().values()
        for role in Role
    ]
