"""Jobs of this room."""

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from procrastinate.contrib.django import app

from tembusu.foundation.people.models import Person


@app.task(queue="mail", name="people.mail_password_reset")
def mail_password_reset(person_id: int) -> None:
    """Send the link that sets a new password; made here, so that no job row ever holds it."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        return
    token = PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": token},
    )
    name = settings.TEMBUSU_BRAND["name"]
    facts = {"person": person, "link": f"{settings.ORIGIN}{path}", "name": name}
    body = render_to_string("people/email/password_reset.txt", facts)
    send_mail(f"{name}: new password", body, settings.DEFAULT_FROM_EMAIL, [person.email])
