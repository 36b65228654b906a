from django.urls import path

from tembusu.foundation.people.views import account, invitations, organisations, persons, roles

app_name = "people"
urlpatterns = [
    path("organisations/", organisations.organisation_list, name="organisations"),
    path("organisations/export/", organisations.export, name="organisations_export"),
    path("organisations/register/", organisations.register, name="organisation_register"),
    path("organisations/<int:pk>/", organisations.detail, name="organisation"),
    path("organisations/<int:pk>/rename/", organisations.rename, name="organisation_rename"),
    path("organisations/<int:pk>/name/", organisations.add_name, name="organisation_add_name"),
    path("organisations/<int:pk>/place/", organisations.place, name="organisation_place"),
    path("administrators/", roles.administrators, name="administrators"),
    path("scopes/<int:pk>/members/", roles.members, name="members"),
    path("scopes/<int:pk>/members/grant/", roles.grant, name="grant"),
    path("scopes/<int:pk>/members/invite/", roles.invite, name="invite"),
    path("memberships/<int:pk>/end/", roles.end, name="end_role"),
    path("invitations/<int:pk>/revoke/", invitations.revoke, name="invitation_revoke"),
    path("invitations/<str:secret>/accept/", invitations.accept, name="accept"),
    path("persons/", persons.account_list, name="persons"),
    path("persons/export/", persons.export, name="persons_export"),
    path("persons/<int:pk>/", persons.detail, name="person"),
    path("persons/<int:pk>/close/", persons.close, name="person_close"),
    path("persons/<int:pk>/reopen/", persons.reopen, name="person_reopen"),
    path("persons/<int:pk>/second-factor/", persons.reset, name="second_factor_reset"),
    path("account/", account.detail, name="account"),
    path("account/name/", account.rename, name="account_name"),
    path("account/address/", account.address, name="account_address"),
    path(
        "account/address/<str:sealed>/confirm/",
        account.confirm_address,
        name="account_address_confirm",
    ),
    path("account/tokens/issue/", account.issue, name="token_issue"),
    path("account/tokens/<int:pk>/revoke/", account.revoke, name="token_revoke"),
]
