from django.urls import path

from tembusu.foundation.jurisdictions.views import bodies, items, proposals

app_name = "jurisdictions"
urlpatterns = [
    path("", items.item_list, name="items"),
    path("export/", items.export, name="export"),
    path("items/<slug:theme>/<str:key>/", items.detail, name="item"),
    path("items/<slug:theme>/<str:key>/change/", items.change, name="item_change"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("bodies/", bodies.body_list, name="bodies"),
    path("bodies/<str:key>/tie/", bodies.tie, name="body_tie"),
    path("bodies/<str:key>/untie/", bodies.untie, name="body_untie"),
]
