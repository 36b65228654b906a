"""Webhooks of the bodies for which one speaks: subscriptions, senders, and what went through them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange import actions, forms, terms
from tembusu.foundation.exchange.models import WebhookDelivery, WebhookSender, WebhookSubscription
from tembusu.foundation.exchange.selectors import webhooks as selectors
from tembusu.foundation.exchange.terms import DeliveryState, HookState
from tembusu.foundation.exchange.views import paged
from tembusu.foundation.ui.terms import Badge, Cell, Column, Crumb, Fact, Shape, Tone
from tembusu.foundation.ui.wording import moment

HOME = Crumb("Webhooks", "/webhooks/")
HOOK_COLUMNS = [Column("Name"), Column("Organisation"), Column("Events"), Column("State")]
DELIVERY_COLUMNS = [
    Column("Event"),
    Column("State"),
    Column("Tries", is_number=True),
    Column("When"),
]
ATTEMPT_COLUMNS = [Column("When"), Column("Answer"), Column("Says"), Column("ms", is_number=True)]
RECEIVED_COLUMNS = [Column("Event"), Column("Id"), Column("Answer"), Column("When")]
HOOK_BADGES = {
    HookState.ACTIVE: Badge("Active", Tone.OK),
    HookState.PAUSED: Badge("Paused", Tone.WARN, Shape.PAUSE),
    HookState.ENDED: Badge("Ended", Tone.QUIET),
}
DELIVERY_BADGES = {
    DeliveryState.WAITING: Badge("Waiting", Tone.QUIET),
    DeliveryState.SENDING: Badge("Being sent", Tone.INFO),
    DeliveryState.DELIVERED: Badge("Delivered", Tone.OK, Shape.TICK),
    DeliveryState.DEAD: Badge("Given up", Tone.BAD),
}
Hook = WebhookSubscription | WebhookSender
SAID = {
    HookState.ACTIVE: "It goes on.",
    HookState.PAUSED: "It is paused. Events that come meanwhile are kept.",
    HookState.ENDED: "It has ended.",
}


@login_required
@require_safe
def hook_list(request: HttpRequest) -> HttpResponse:
    if not selectors.sees_webhooks(request.user):
        raise Http404("No page here.")
    subscriptions = selectors.list_subscriptions(request.user)[: paged.SIZE]
    senders = selectors.list_senders(request.user)[: paged.SIZE]
    context = {
        "columns": HOOK_COLUMNS,
        "subscriptions": [hook_line(one, "exchange:subscription") for one in subscriptions],
        "senders": [hook_line(one, "exchange:sender") for one in senders],
        "may_make": bool(selectors.bodies_kept(request.user)),
    }
    return render(request, "exchange/webhooks/list.html", context)


def hook_line(hook: Hook, name: str) -> list[object]:
    url = reverse(name, args=[hook.pk])
    return [
        Cell(hook.label, url=url, note=getattr(hook, "url", "")),
        str(hook.organisation),
        ", ".join(hook.kinds),
        Cell("", badge=HOOK_BADGES[HookState(hook.state)]),
    ]


# -- making ---------------------------------------------------------------------------------------


@login_required
@never_cache
def subscription_new(request: HttpRequest) -> HttpResponse:
    kinds = [(one.kind, f"{one.kind}: {one.says}") for one in terms.events_out()]
    form = _new_form(request, forms.SubscriptionForm, kinds)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        return _made(
            request,
            form,
            lambda: actions.subscribe(
                organisation=form.body,
                label=given["label"],
                url=given["url"],
                kinds=given["kinds"],
                by=request.user,
                at=timezone.now(),
            ),
            "exchange:subscription",
        )
    return _form_page(request, form, "Subscribe a system", "Subscribe")


@login_required
@never_cache
def sender_new(request: HttpRequest) -> HttpResponse:
    kinds = [(one.kind, f"{one.kind}: {one.says}") for one in terms.kinds_in()]
    form = _new_form(request, forms.SenderForm, kinds)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        return _made(
            request,
            form,
            lambda: actions.register_sender(
                organisation=form.body,
                label=given["label"],
                kinds=given["kinds"],
                by=request.user,
                at=timezone.now(),
            ),
            "exchange:sender",
        )
    return _form_page(request, form, "Let a system send events", "Register the sender")


def _new_form(request: HttpRequest, form: Any, kinds: list[tuple[str, str]]) -> Any:
    bodies = selectors.bodies_kept(request.user)
    if not bodies:
        raise Http404("No page here.")
    return form(request.POST or None, bodies=bodies, kinds=kinds)


def _made(
    request: HttpRequest, form: Any, act: Callable[[], tuple[Hook, str]], name: str
) -> HttpResponse:
    try:
        made, secret = act()
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, form, "Webhooks", "Save")
    return _secret_page(request, made, secret, name)


def _form_page(request: HttpRequest, form: Any, title: str, submit: str) -> HttpResponse:
    context = {
        "form": form,
        "heading": title,
        "crumbs": [HOME, Crumb(title)],
        "submit_label": submit,
        "cancel_url": reverse("exchange:webhooks"),
    }
    return render(request, "exchange/webhooks/form.html", context)


def _secret_page(request: HttpRequest, hook: Hook, secret: str, name: str) -> HttpResponse:
    context = {
        "hook": hook,
        "secret": secret,
        "address": address_of(hook),
        "next_url": reverse(name, args=[hook.pk]),
        "crumbs": [HOME, Crumb(hook.label)],
    }
    return render(request, "exchange/webhooks/secret.html", context)


def address_of(hook: Hook) -> str:
    """Return where a sender posts its events, in full; '' for a subscription."""
    if isinstance(hook, WebhookSubscription):
        return ""
    return f"{settings.ORIGIN}/api/v1/hooks/{hook.public_id}/"


# -- one subscription, one sender -----------------------------------------------------------------


@login_required
@require_safe
def subscription(request: HttpRequest, pk: int) -> HttpResponse:
    hook = selectors.get_subscription(request.user, pk)
    page = paged.fetch(request, selectors.list_deliveries(hook))
    context = {
        **_frame(request, hook, "subscription"),
        "page": page,
        "columns": DELIVERY_COLUMNS,
        "rows": [delivery_line(one) for one in page.rows],
        "facts": [
            Fact("Organisation", hook.organisation),
            Fact("Address", hook.url),
            Fact("Events", ", ".join(hook.kinds)),
            Fact("Made", f"{moment(hook.made_at)} by {hook.made_by}"),
        ],
    }
    return render(request, "exchange/webhooks/hook.html", context)


def delivery_line(one: WebhookDelivery) -> list[object]:
    state = DeliveryState(one.state)
    when = f"again {moment(one.next_at)}" if one.next_at and one.n_attempts else moment(one.made_at)
    return [
        Cell(one.kind, url=reverse("exchange:delivery", args=[one.pk]), hint=str(one.event_id)),
        Cell("", badge=DELIVERY_BADGES[state]),
        str(one.n_attempts),
        when,
    ]


@login_required
@require_safe
def sender(request: HttpRequest, pk: int) -> HttpResponse:
    hook = selectors.get_sender(request.user, pk)
    page = paged.fetch(request, selectors.list_received(hook))
    context = {
        **_frame(request, hook, "sender"),
        "page": page,
        "columns": RECEIVED_COLUMNS,
        "rows": [
            [one.kind, one.event_id, _answer(one.status, one.answer), moment(one.received_at)]
            for one in page.rows
        ],
        "facts": [
            Fact("Organisation", hook.organisation),
            Fact("Address", address_of(hook)),
            Fact("Events", ", ".join(hook.kinds)),
            Fact("Acts as", hook.made_by, note="with that person's rights"),
            Fact("Made", moment(hook.made_at)),
        ],
    }
    return render(request, "exchange/webhooks/hook.html", context)


def _answer(status: int, answer: dict[str, Any]) -> Cell:
    if status == 200:
        return Cell("", badge=Badge("Done", Tone.OK, Shape.TICK))
    return Cell("", badge=Badge("Refused", Tone.WARN), note=str(answer.get("detail", "")))


def _frame(request: HttpRequest, hook: Hook, kind: str) -> dict[str, Any]:
    state, may_keep = HookState(hook.state), selectors.may_keep(request.user, hook)
    return {
        "hook": hook,
        "kind": kind,
        "is_subscription": kind == "subscription",
        "badge": HOOK_BADGES[state],
        "may_keep": may_keep and state is not HookState.ENDED,
        "is_active": state is HookState.ACTIVE,
        "is_paused": state is HookState.PAUSED,
        "has_ended": state is HookState.ENDED,
        "state_url": reverse(f"exchange:{kind}_state", args=[hook.pk]),
        "secret_url": reverse(f"exchange:{kind}_secret", args=[hook.pk]),
        "crumbs": [HOME, Crumb(hook.label)],
    }


def _hook(request: HttpRequest, kind: str, pk: int) -> Hook:
    if kind == "subscription":
        return selectors.get_subscription(request.user, pk)
    return selectors.get_sender(request.user, pk)


@login_required
@require_POST
def set_state(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    hook = _hook(request, kind, pk)
    given = request.POST.get("to", "")
    if given not in set(HookState):
        raise Http404("No such state.")
    to = HookState(given)
    try:
        actions.set_hook_state(hook=hook, to=to, by=request.user, at=timezone.now())
    except (Refusal, PermissionDenied) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, SAID[to])
    return redirect(f"exchange:{kind}", pk=pk)


@login_required
@require_POST
@never_cache
def replace_secret(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    hook = _hook(request, kind, pk)
    try:
        secret = actions.replace_secret(hook=hook, by=request.user, at=timezone.now())
    except (Refusal, PermissionDenied) as refusal:
        messages.error(request, str(refusal))
        return redirect(f"exchange:{kind}", pk=pk)
    return _secret_page(request, hook, secret, f"exchange:{kind}")


@login_required
def subscription_change(request: HttpRequest, pk: int) -> HttpResponse:
    hook = selectors.get_subscription(request.user, pk)
    if not selectors.may_keep(request.user, hook):
        raise Http404("No page here.")
    kinds = [(one.kind, f"{one.kind}: {one.says}") for one in terms.events_out()]
    first = {"label": hook.label, "url": hook.url, "kinds": hook.kinds}
    form = forms.SubscriptionForm(
        request.POST or None, bodies=[hook.organisation], kinds=kinds, initial=first
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.change_subscription(
                subscription=hook,
                label=given["label"],
                url=given["url"],
                kinds=given["kinds"],
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The subscription was changed.")
            return redirect("exchange:subscription", pk=pk)
    return _form_page(request, form, "Change the subscription", "Change")


@login_required
@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    hook = selectors.get_subscription(request.user, pk)
    try:
        actions.send_test(subscription=hook, by=request.user, at=timezone.now())
    except (Refusal, PermissionDenied) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "A test is on its way. See below whether it arrives.")
    return redirect("exchange:subscription", pk=pk)


@login_required
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.get_delivery(request.user, pk)
    hook = one.subscription
    attempts = [
        [
            moment(each.at),
            str(each.status or "none"),
            each.says[:300],
            f"{each.n_milliseconds:,}",
        ]
        for each in one.attempts.order_by("-pk")[: paged.SIZE]
    ]
    may_keep = selectors.may_keep(request.user, hook)
    context = {
        "delivery": one,
        "badge": DELIVERY_BADGES[DeliveryState(one.state)],
        "columns": ATTEMPT_COLUMNS,
        "attempts": attempts,
        # What an event says of a study is its body's; the administrator sees only that it went.
        "body": one.body if may_keep else "",
        "may_send": may_keep
        and hook.state == HookState.ACTIVE
        and one.state in (DeliveryState.DEAD, DeliveryState.DELIVERED),
        "facts": [
            Fact("Id", one.event_id),
            Fact("Announced", moment(one.made_at)),
            Fact("Next try", moment(one.next_at) if one.next_at else "none"),
        ],
        "crumbs": [
            HOME,
            Crumb(hook.label, reverse("exchange:subscription", args=[hook.pk])),
            Crumb(one.kind),
        ],
    }
    return render(request, "exchange/webhooks/delivery.html", context)


@login_required
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.get_delivery(request.user, pk)
    try:
        actions.send_again(delivery=one, by=request.user, at=timezone.now())
    except (Refusal, PermissionDenied) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It is on its way again.")
    return redirect("exchange:delivery", pk=pk)
