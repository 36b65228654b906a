"""How one wants the desk: the calendar feed, the daily digest, and the links that carry a secret."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tembusu.desk import actions, rules, selectors
from tembusu.desk.rules import feed as feeds
from tembusu.desk.terms import Order
from tembusu.foundation.core.http import UserRequest
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui.terms import Badge, Crumb, Fact, Tone
from tembusu.foundation.ui.wording import moment

FEED_IS_KEPT = 600  # seconds that a calendar program may keep an answer


@login_required
@require_safe
def detail(request: UserRequest) -> HttpResponse:
    held = selectors.settings_of(request.user)
    on, off = Badge("On", Tone.OK), Badge("Off", Tone.QUIET)
    context = {
        "crumbs": [_here(), Crumb("Calendar feed and digest")],
        "has_feed": held.feed_sha256 is not None,
        "feed": on if held.feed_sha256 else off,
        "feed_facts": [Fact("Address made", moment(held.feed_made_at))],
        "digest_is_on": held.digest_is_on,
        "digest": on if held.digest_is_on else off,
        "hour": f"{settings.DIGEST_HOUR:02}:00",
    }
    return render(request, "desk/settings.html", context)


def _here() -> Crumb:
    return Crumb("Desk", reverse("desk:desk"))


@login_required
@require_POST
@never_cache
def feed_renew(request: UserRequest) -> HttpResponse:
    """Make a new address and show it, this once."""
    secret = actions.renew_feed(by=request.user, at=timezone.now())
    address = settings.ORIGIN + reverse("desk:feed", args=[secret])
    context = {
        "crumbs": [_here(), Crumb("Calendar feed and digest", reverse("desk:settings"))],
        "address": address,
        "webcal": "webcal://" + address.split("://", 1)[1],
    }
    return render(request, "desk/feed_issued.html", context)


@login_required
@require_POST
def feed_close(request: UserRequest) -> HttpResponse:
    try:
        actions.close_feed(by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Your calendar feed is off. Its address opens nothing any more.")
    return redirect("desk:settings")


@login_required
@require_POST
def digest_switch(request: UserRequest) -> HttpResponse:
    is_on = request.POST.get("digest") == "on"
    actions.switch_digest(is_on=is_on, by=request.user, at=timezone.now())
    said = "You get the daily digest." if is_on else "You get no digest any more."
    messages.success(request, said)
    return redirect("desk:settings")


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Send the calendar that a secret opens; whoever has another finds nothing here.

    Nobody signs in: calendar programs can't. It shows no more than titles, records and due days.
    """
    person = selectors.feed_person(secret)
    if person is None:
        raise Http404("No calendar here.")
    now = timezone.now()
    lines = rules.in_order(selectors.list_lines(person, now), Order.URGENT)
    name = f"{settings.TEMBUSU_BRAND['name']}, {person.full_name}"
    body = feeds.calendar_of(lines, person_id=person.pk, name=name, origin=settings.ORIGIN, at=now)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="desk.ics"'
    answer["Cache-Control"] = f"private, max-age={FEED_IS_KEPT}"
    return answer


@csrf_exempt  # a mail program ends it by itself (RFC 8058); the link's signature is the right to it
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def digest_stop(request: HttpRequest, token: str) -> HttpResponse:
    """End the digests of whoever the link was sent to, after one more act on the page."""
    person = selectors.unsubscribe_person(token)
    if person is None:
        raise Http404("No digest here.")
    is_done = False
    if request.method == "POST":
        actions.switch_digest(is_on=False, by=person, at=timezone.now())
        is_done = True
    return render(request, "desk/digest_stop.html", {"is_done": is_done})
