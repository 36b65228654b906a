"""Addresses of submissions, by page."""

from django.urls import path

from tembusu.coordination.submissions.views import (
    acting,
    boards,
    letters,
    listing,
    meetings,
    record,
    route,
)

app_name = "submissions"

SUBMISSIONS = [
    path("submissions/", listing.submission_list, name="list"),
    path("submissions/export.csv", listing.export, name="export"),
    path("submissions/<int:pk>/", record.overview, name="submission"),
    path("submissions/<int:pk>/documents/", record.documents, name="documents"),
    path(
        "submissions/<int:pk>/documents/<int:version_pk>/",
        acting.document_file,
        name="document_file",
    ),
    path(
        "submissions/<int:pk>/conditions/<int:condition_pk>/fulfil/",
        acting.condition,
        name="condition",
    ),
    path("submissions/<int:pk>/letters/", letters.of_submission, name="letters"),
    path("submissions/<int:pk>/letters/write/", letters.write, name="letter_write"),
    path("submissions/<int:pk>/letters/<int:letter_pk>/", letters.letter_page, name="letter"),
    path(
        "submissions/<int:pk>/letters/<int:letter_pk>/letter.pdf",
        letters.letter_pdf,
        name="letter_pdf",
    ),
    path("submissions/<int:pk>/act/<slug:key>/", acting.act, name="act"),
]

STUDIES = [
    path("studies/<int:pk>/submissions/", listing.of_study, name="of_study"),
    path("studies/<int:pk>/submissions/new/", acting.start, name="start"),
    path("studies/<int:pk>/route/", route.of_study, name="route_of"),
    path("submissions/route/", route.ask, name="route"),
]

BOARDS = [
    path("boards/", boards.home, name="board_home"),
    path("boards/<int:pk>/", boards.queue, name="board"),
    path("boards/<int:pk>/meetings/", boards.meetings, name="meetings"),
    path("boards/<int:pk>/meetings/plan/", boards.plan, name="plan"),
    path("boards/<int:pk>/members/", boards.members, name="members"),
    path("boards/<int:pk>/members/seat/", boards.seat, name="seat"),
    path("boards/<int:pk>/letters/", letters.templates, name="templates"),
    path("boards/<int:pk>/letters/<slug:kind>/", letters.template, name="template"),
    path("meetings/<int:pk>/", meetings.meeting_page, name="meeting"),
    path("meetings/<int:pk>/items/add/", meetings.add_items, name="add_items"),
    path("meetings/<int:pk>/items/<int:item_pk>/", meetings.item_page, name="item"),
    path("meetings/<int:pk>/items/<int:item_pk>/move/<slug:way>/", meetings.move, name="move"),
    path("meetings/<int:pk>/attendance/", meetings.attendance, name="attendance"),
    path("meetings/<int:pk>/close/", meetings.close, name="close"),
    path("meetings/<int:pk>/minutes/", meetings.minutes_page, name="minutes"),
    path("meetings/<int:pk>/minutes/minutes.pdf", meetings.minutes_pdf, name="minutes_pdf"),
]

urlpatterns = [*SUBMISSIONS, *STUDIES, *BOARDS]
