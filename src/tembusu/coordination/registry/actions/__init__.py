"""Writes of the registry, split by record. Other rooms import from here.

``by`` is the person who acts; None is the system itself (the command line, a load).
"""

from tembusu.coordination.registry.actions.batches import import_batch
from tembusu.coordination.registry.actions.bodies import load_organisations, register_from_ror
from tembusu.coordination.registry.actions.curation import (
    accept_import,
    curate_field,
    keep_curated,
)
from tembusu.coordination.registry.actions.drafts import (
    discard_draft,
    publish_study,
    save_draft,
    start_registration,
)
from tembusu.coordination.registry.actions.imports import import_studies
from tembusu.coordination.registry.actions.merging import merge_studies, part_studies
from tembusu.coordination.registry.actions.mesh import finish_load, load_mesh, replace_thesaurus
from tembusu.coordination.registry.actions.places import (
    accept_proposals,
    reject_place,
    rematch_places,
    settle_place,
    settle_with_new,
    undo_decisions,
)
from tembusu.coordination.registry.actions.runs import begin_run, finish_run, stop_run
from tembusu.coordination.registry.actions.sites import keep_site, keep_sites
from tembusu.coordination.registry.actions.uploads import (
    cancel_import,
    keep_refused,
    resume_import,
    start_import,
)
from tembusu.coordination.registry.actions.views import delete_view, rename_view, save_view

__all__ = [
    "accept_import",
    "accept_proposals",
    "begin_run",
    "cancel_import",
    "curate_field",
    "delete_view",
    "discard_draft",
    "finish_load",
    "finish_run",
    "import_batch",
    "import_studies",
    "keep_curated",
    "keep_refused",
    "keep_site",
    "keep_sites",
    "load_mesh",
    "load_organisations",
    "merge_studies",
    "part_studies",
    "publish_study",
    "register_from_ror",
    "reject_place",
    "rematch_places",
    "rename_view",
    "replace_thesaurus",
    "resume_import",
    "save_draft",
    "save_view",
    "settle_place",
    "settle_with_new",
    "start_import",
    "start_registration",
    "stop_run",
    "undo_decisions",
]
