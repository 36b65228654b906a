import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from tembusu.foundation.ui import context, navigation
from tembusu.foundation.ui.navigation import NavItem, SearchTarget


@pytest.fixture(autouse=True)
def empty_menu(monkeypatch):
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(navigation, "_search", [])


def item(label, url_name, *, group="Work", order=10, seen=True, count=None):
    return NavItem(group, label, url_name, order, lambda user: seen, count)


def test_the_menu_is_grouped_in_order_and_shows_counts():
    navigation.register(item("Later", "ui:progress", group="Other", order=30))
    navigation.register(item("Gallery", "ui:gallery", order=20, count=lambda user: 9))
    groups = navigation.menu(AnonymousUser(), "/elsewhere/")
    assert [(g.label, [(x.label, x.count, x.current) for x in g.links]) for g in groups] == [
        ("Work", [("Gallery", 9, "")]),
        ("Other", [("Later", None, "")]),
    ]


def test_what_a_person_may_not_see_is_not_in_the_menu():
    navigation.register(item("Gallery", "ui:gallery", seen=False))
    assert navigation.menu(AnonymousUser(), "/") == []


def test_an_entry_without_an_address_is_left_out():
    navigation.register(item("Nowhere", "ui:not-there"))
    assert navigation.menu(AnonymousUser(), "/") == []


def test_registering_twice_leaves_one():
    navigation.register(item("Old", "ui:gallery"))
    navigation.register(item("New", "ui:gallery"))
    assert [i.label for i in navigation.items()] == ["New"]


def test_entries_of_the_person_stand_apart():
    navigation.register(item("Account", "ui:gallery", group=navigation.PERSON))
    assert navigation.menu(AnonymousUser(), "/") == []
    assert [x.label for x in navigation.person_links(AnonymousUser(), "/")] == ["Account"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/ui/", {"Gallery": "page", "Steps": ""}),
        ("/ui/record/", {"Gallery": "true", "Steps": ""}),
        ("/ui/progress/", {"Gallery": "", "Steps": "page"}),
        ("/uid/", {"Gallery": "", "Steps": ""}),
    ],
)
def test_the_nearest_entry_is_the_current_one(path, current):
    navigation.register(item("Gallery", "ui:gallery"))
    navigation.register(item("Steps", "ui:progress"))
    [group] = navigation.menu(AnonymousUser(), path)
    assert {x.label: x.current for x in group.links} == current


@pytest.mark.parametrize(
    ("page", "current"),
    [
        ("ui:shell", {"Gallery": "", "Steps": "true"}),
        ("ui:error", {"Gallery": "true", "Steps": ""}),
        ("", {"Gallery": "true", "Steps": ""}),
    ],
)
def test_a_page_belongs_to_the_entry_that_names_it_wherever_it_lies(page, current):
    navigation.register(item("Gallery", "ui:gallery"))
    steps = NavItem("Work", "Steps", "ui:progress", 10, lambda user: True, pages={"ui:shell"})
    navigation.register(steps)
    [group] = navigation.menu(AnonymousUser(), "/ui/record/", page)
    assert {x.label: x.current for x in group.links} == current


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("", ""), ('"><script>', "")]
)
def test_only_a_known_theme_reaches_the_page(cookie, theme):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    assert context.shell(request)["theme"] == theme


def test_the_brand_pack_is_shown_and_a_slip_in_it_is_an_error(settings):
    settings.TEMBUSU_BRAND = {"name": "Angsana", "footer": ["One", "Two"]}
    shown = context.shell(RequestFactory().get("/"))["brand"]
    assert (shown.name, shown.footer) == ("Angsana", ("One", "Two"))
    with pytest.raises(TypeError, match="nmae"):
        context.brand({"nmae": "x"})


def test_the_search_field_is_there_once_it_has_a_target():
    menu = context.Menu(RequestFactory().get("/"))
    assert menu.search() is None
    navigation.register_search(SearchTarget("ui:gallery", "Find", "Find…"))
    assert menu.search()["url"] == "/ui/"
    navigation.register_search(SearchTarget("ui:not-there", "Find", "Find…"))
    assert menu.search() is None
