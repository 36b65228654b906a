"""Saved views: a list under a name of one's own."""

import pytest
from django.utils import timezone

from tembusu.coordination.registry.actions import views as actions
from tembusu.coordination.registry.models import SavedView

NEW = "/studies/views/new/"


def keep(person, name="Mine", query="status=RECRUITING"):
    return actions.save_view(name=name, query=query, by=person, at=timezone.now())


def test_a_list_is_kept_under_a_name_and_opened_again(enter, cast, register):
    client = enter(cast.nobody)
    response = client.post(f"{NEW}?status=COMPLETED&after=zzz&unknown=1", {"name": "  Done  ones "})
    assert response["Location"] == "/studies/?status=COMPLETED"
    assert SavedView.objects.get().name == "Done ones"
    page = client.get(response["Location"])
    assert [chip.label for chip in page.context["views"] if chip.is_current] == ["Done ones"]
    assert 'aria-current="true"' in page.content.decode()
    assert "Status: Completed" in client.get("/studies/views/").content.decode()


def test_a_name_that_is_taken_is_replaced_only_when_that_was_chosen(enter, cast):
    keep(cast.nobody), keep(cast.nobody, name="Other")
    client = enter(cast.nobody)
    url = f"{NEW}?status=COMPLETED"
    taken = client.post(url, {"name": "Mine"})
    assert "You have a view called Mine already" in taken.content.decode()
    assert "Replace it" in taken.content.decode()
    # The choice was made for one name; another that is typed since is asked about again.
    assert client.post(url, {"name": "Other", "replace": "Mine"}).status_code == 200
    assert {view.query for view in SavedView.objects.all()} == {"status=RECRUITING"}
    assert client.post(url, {"name": "Mine", "replace": "Mine"}).status_code == 302
    assert SavedView.objects.get(name="Mine").query == "status=COMPLETED"


def test_the_action_replaces_nothing_unasked(cast):
    keep(cast.nobody)
    with pytest.raises(actions.NameTaken):
        keep(cast.nobody, query="status=COMPLETED")
    keep(cast.analyst, query="status=COMPLETED")
    assert SavedView.objects.get(person=cast.nobody).query == "status=RECRUITING"


@pytest.mark.parametrize("name", ["", "   ", "\0", "x" * 81])
def test_a_view_needs_a_name_that_can_be(enter, cast, name):
    response = enter(cast.nobody).post(NEW, {"name": name})
    assert response.status_code == 200
    assert response.context["form"].errors
    with pytest.raises(actions.ViewRefused):
        keep(cast.nobody, name=name)


def test_too_many_filters_and_too_many_views_are_refused(cast):
    with pytest.raises(actions.ViewRefused, match="too many filters"):
        keep(cast.nobody, query="x" * 5000)
    for no in range(actions.MOST_VIEWS):
        keep(cast.nobody, name=f"View {no}")
    with pytest.raises(actions.ViewRefused, match="Delete one"):
        keep(cast.nobody, name="One more")


def test_a_view_is_renamed_unless_the_name_is_taken(enter, cast):
    view, _ = keep(cast.nobody), keep(cast.nobody, name="Other")
    client = enter(cast.nobody)
    taken = client.post(f"/studies/views/{view.pk}/rename/", {"name": "Other"})
    assert "already" in taken.content.decode()
    client.post(f"/studies/views/{view.pk}/rename/", {"name": "Ours"})
    view.refresh_from_db()
    assert view.name == "Ours"


def test_a_view_is_deleted_by_its_person_alone(enter, cast):
    view = keep(cast.nobody)
    for verb in ("delete", "rename"):
        assert enter(cast.analyst).post(f"/studies/views/{view.pk}/{verb}/").status_code == 404
    with pytest.raises(actions.ViewRefused):
        actions.delete_view(view=view, by=cast.analyst, at=timezone.now())
    with pytest.raises(actions.ViewRefused):
        actions.rename_view(view=view, name="Theirs", by=cast.analyst, at=timezone.now())
    client = enter(cast.nobody)
    assert client.get(f"/studies/views/{view.pk}/delete/").status_code == 405
    client.post(f"/studies/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_view_of_an_older_time_says_that_it_no_longer_holds(enter, cast):
    keep(cast.nobody, query="sort=weight")
    assert "no longer valid" in enter(cast.nobody).get("/studies/views/").content.decode()


@pytest.mark.parametrize("query", ["sort=zzz", "country=%00", f"q={'a' * 3000}", "n_from=many"])
def test_a_list_that_cannot_be_read_is_not_kept(enter, cast, register, query):
    client = enter(cast.nobody)
    for response in (client.get(f"{NEW}?{query}"), client.post(f"{NEW}?{query}", {"name": "Odd"})):
        assert response.status_code == 400
        assert "This address cannot be read" in response.content.decode()
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("q=nasopharingeal+carcinoma", "nasopharyngeal carcinoma"),
        ("q=nasopharingeal&as_typed=1", "nasopharingeal"),
        ("q=vn-118&status=RECRUITING&n_from=10", "vn-118, Recruiting, Participants from 10"),
        ("", ""),
    ],
)
def test_a_name_is_proposed_in_the_words_that_were_understood(enter, cast, register, query, name):
    form = enter(cast.nobody).get(f"{NEW}?{query}").context["form"]
    assert form["name"].value() == name


@pytest.mark.parametrize(
    ("query", "kept", "says"),
    [
        ("whose=mine", "whose=mine", "My studies"),
        ("whose=all", "whose=all", "All studies"),
        ("whose=all&sort=title", "sort=title", "All studies"),
        ("whose=mine&status=COMPLETED", "status=COMPLETED&whose=mine", "My studies · Status"),
    ],
)
def test_a_view_keeps_whose_studies_it_shows(enter, cast, register, query, kept, says):
    client = enter(cast.sponsor)
    assert client.post(f"{NEW}?{query}", {"name": "Kept"})["Location"] == f"/studies/?{kept}"
    assert says in client.get("/studies/views/").content.decode()


def test_a_filter_by_site_is_told_by_its_name(enter, cast, register, bodies):
    keep(cast.nobody, query=f"organisation={bodies.raintree.pk}")
    page = enter(cast.nobody).get("/studies/views/").content.decode()
    assert "Site: Rain Tree General Hospital" in page
