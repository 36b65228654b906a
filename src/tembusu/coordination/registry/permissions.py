"""Who may do what to studies. The acts below are this room's part of the matrix."""

from typing import Any

from tembusu.coordination.registry.models import Study
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act, Role, ScopeKind, register_act

KEEPS_REGISTER = frozenset({Role.COORDINATING_ANALYST, Role.COORDINATING_LEAD})
LEADS = frozenset({Role.COORDINATING_LEAD})
RUNS_STUDIES = frozenset(
    {
        Role.SPONSOR_MANAGER,
        Role.CRO_MANAGER,
        Role.PRINCIPAL_INVESTIGATOR,
        Role.INSTITUTION_REPRESENTATIVE,
        Role.CLUSTER_RESEARCH_OFFICE,
    }
)

SEE_UNPUBLISHED = Act(
    "registry",
    "see_unpublished_study",
    frozenset(Role) - {Role.PLATFORM_ADMINISTRATOR, Role.LEARNER, Role.SUPERVISOR},
    ScopeKind.STUDY,
    "see a study before it is published",
    everywhere=KEEPS_REGISTER,
)
REGISTER_STUDY = Act(
    "registry",
    "register_study",
    RUNS_STUDIES | KEEPS_REGISTER,
    None,
    "register a study by hand",
)
EDIT_DRAFT = Act(
    "registry",
    "edit_draft",
    RUNS_STUDIES,
    ScopeKind.STUDY,
    "work on a study's draft registration",
    everywhere=KEEPS_REGISTER,
)
PUBLISH_STUDY = Act(
    "registry",
    "publish_study",
    RUNS_STUDIES - {Role.CRO_MANAGER},
    ScopeKind.STUDY,
    "publish a study's registration",
    everywhere=KEEPS_REGISTER,
)
CURATE_STUDY = Act(
    "registry",
    "curate_study",
    frozenset(),
    ScopeKind.STUDY,
    "put a curated value over what registries say",
    everywhere=KEEPS_REGISTER,
)
MERGE_STUDIES = Act(
    "registry",
    "merge_studies",
    frozenset(),
    ScopeKind.STUDY,
    "merge two studies that are one",
    everywhere=LEADS,
)
IMPORT_STUDIES = Act(
    "registry", "import_studies", KEEPS_REGISTER, None, "import records from trial registries"
)
PLAN_SITE = Act(
    "registry",
    "plan_site",
    frozenset(
        {
            Role.SPONSOR_MANAGER,
            Role.CRO_MANAGER,
            Role.INSTITUTION_REPRESENTATIVE,
            Role.CLUSTER_RESEARCH_OFFICE,
        }
    ),
    ScopeKind.STUDY,
    "make an institution a site of a study",
    everywhere=KEEPS_REGISTER,
)
SETTLE_PLACES = Act(
    "registry",
    "settle_places",
    KEEPS_REGISTER,
    None,
    "say which organisation a location's name stands for",
)


def sees_every_study(user: Any) -> bool:
    """Say whether the user sees studies before they are published, whatever their scope."""
    return people.holds_anywhere(user, SEE_UNPUBLISHED.everywhere)


def scopes_seen(user: Any) -> set[int]:
    """Return the ids of the scopes in which the user sees studies before they are published."""
    return people.scopes_of(user, SEE_UNPUBLISHED.roles)


def register() -> None:
    """Enter this room's acts in the permission matrix."""
    for act in (
        SEE_UNPUBLISHED,
        REGISTER_STUDY,
        EDIT_DRAFT,
        PUBLISH_STUDY,
        CURATE_STUDY,
        MERGE_STUDIES,
        IMPORT_STUDIES,
        PLAN_SITE,
        SETTLE_PLACES,
    ):
        register_act(act)


def check_can_register_study(user: Any) -> None:
    people.check(user, REGISTER_STUDY)


def check_can_edit_draft(user: Any, study: Study) -> None:
    people.check(user, EDIT_DRAFT, study.scope_id)


def check_can_publish(user: Any, study: Study) -> None:
    people.check(user, PUBLISH_STUDY, study.scope_id)


def check_can_curate(user: Any, study: Study) -> None:
    people.check(user, CURATE_STUDY, study.scope_id)


def check_can_merge(user: Any, study: Study) -> None:
    people.check(user, MERGE_STUDIES, study.scope_id)


def check_can_import(user: Any) -> None:
    people.check(user, IMPORT_STUDIES)


def check_can_plan_site(user: Any, study: Study, organisation: Any) -> None:
    """Let whoever plans the study's sites choose, and each institution speak for itself.

    An institution does so for studies that its people may see.
    """
    may_see = Study.objects.visible_to(user).filter(pk=study.pk).exists()
    if not (may_see and people.may(user, PLAN_SITE, organisation.scope_id)):
        people.check(user, PLAN_SITE, study.scope_id)


def check_can_settle_places(user: Any) -> None:
    people.check(user, SETTLE_PLACES)
