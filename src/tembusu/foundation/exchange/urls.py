"""Addresses of extracts and webhooks."""

from django.urls import path

from tembusu.foundation.exchange.views import extract, extracts, webhooks

app_name = "exchange"

EXTRACTS = [
    path("extracts/", extracts.extract_list, name="extracts"),
    path("extracts/new/<str:key>/", extracts.extract_new, name="extract_new"),
    path("extracts/<int:pk>/", extract.detail, name="extract"),
    path("extracts/<int:pk>/mapping/", extracts.mapping, name="mapping"),
    path("extracts/<int:pk>/take/", extract.take, name="take"),
    path("extracts/<int:pk>/rows/<int:line>/leave/", extract.leave, name="leave"),
    path("extracts/<int:pk>/rows.csv", extract.rows_csv, name="rows_csv"),
    path("extracts/<int:pk>/refused/", extract.refused_file, name="refused_file"),
    path("extracts/<int:pk>/cancel/", extract.cancel, name="cancel"),
    path("extracts/<int:pk>/resume/", extract.resume, name="resume"),
    path("extracts/<int:pk>/discard/", extract.discard, name="discard"),
]

KINDS = {"subscriptions": "subscription", "senders": "sender"}

WEBHOOKS = [
    path("webhooks/", webhooks.hook_list, name="webhooks"),
    path("webhooks/subscriptions/new/", webhooks.subscription_new, name="subscription_new"),
    path("webhooks/subscriptions/<int:pk>/", webhooks.subscription, name="subscription"),
    path(
        "webhooks/subscriptions/<int:pk>/change/",
        webhooks.subscription_change,
        name="subscription_change",
    ),
    path("webhooks/subscriptions/<int:pk>/test/", webhooks.send_test, name="subscription_test"),
    path("webhooks/senders/new/", webhooks.sender_new, name="sender_new"),
    path("webhooks/senders/<int:pk>/", webhooks.sender, name="sender"),
    path("webhooks/deliveries/<int:pk>/", webhooks.delivery, name="delivery"),
    path("webhooks/deliveries/<int:pk>/again/", webhooks.send_again, name="delivery_again"),
]
for plural, kind in KINDS.items():
    WEBHOOKS += [
        path(
            f"webhooks/{plural}/<int:pk>/state/",
            webhooks.set_state,
            {"kind": kind},
            name=f"{kind}_state",
        ),
        path(
            f"webhooks/{plural}/<int:pk>/secret/",
            webhooks.replace_secret,
            {"kind": kind},
            name=f"{kind}_secret",
        ),
    ]

urlpatterns = [*EXTRACTS, *WEBHOOKS]
