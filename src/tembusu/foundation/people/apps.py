from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tembusu.foundation.people"
    label = "people"
    verbose_name = "People"

    def ready(self) -> None:
        from tembusu.foundation.core import trail
        from tembusu.foundation.people import permissions, selectors, sign_in, terms
        from tembusu.foundation.people.selectors import story

        permissions.register()
        sign_in.connect()
        terms.register_scope_names(terms.ScopeKind.ORGANISATION, selectors.name_bodies)
        terms.register_scope_names(terms.ScopeKind.PLATFORM, selectors.name_platform)
        trail.register("organisation", story.ORGANISATION)
        trail.register("person", story.PERSON)
        add_to_menu()


def add_to_menu() -> None:
    from tembusu.foundation.people import permissions, selectors
    from tembusu.foundation.ui.navigation import PERSON, NavItem, register

    def sees_bodies(user: selectors.User) -> bool:
        return bool(selectors.roles_anywhere(user))

    def administers(user: selectors.User) -> bool:
        return selectors.holds_anywhere(user, permissions.SEES_EVERY_PERSON)

    of_bodies = frozenset({"people:members", "people:grant", "people:invite"})
    register(
        NavItem(
            "People", "Organisations", "people:organisations", 800, sees_bodies, pages=of_bodies
        )
    )
    register(NavItem("People", "Accounts", "people:persons", 805, administers))
    register(NavItem("People", "Administrators", "people:administrators", 810, administers))
    register(NavItem(PERSON, "Your account", "people:account", 10, lambda user: True))
