"""Addresses of the registry, by page. Each list is one page's own; new pages add a list."""

from django.urls import path

from tembusu.coordination.registry.views import (
    comparing,
    curation,
    draft_list,
    drafts,
    imports,
    merging,
    opening,
    place,
    place_acts,
    places,
    portfolio,
    publishing,
    review,
    saved,
    study,
    versions,
)

app_name = "registry"

PORTFOLIO = [
    path("studies/", portfolio.study_list, name="studies"),
    path("studies/export.<str:kind>", portfolio.export, name="studies_export"),
    path("studies/ticked/", portfolio.bulk, name="studies_bulk"),
    path("studies/compare/", comparing.compare, name="studies_compare"),
    path("studies/views/", saved.view_list, name="views"),
    path("studies/views/new/", saved.view_new, name="view_new"),
    path("studies/views/<int:pk>/rename/", saved.view_rename, name="view_rename"),
    path("studies/views/<int:pk>/delete/", saved.view_delete, name="view_delete"),
]

STUDY = [
    path("studies/<int:pk>/", study.overview, name="study"),
    path("studies/<int:pk>/sites/", study.sites, name="study_sites"),
    path("studies/<int:pk>/eligibility/", study.eligibility_page, name="study_eligibility"),
    path("studies/<int:pk>/outcomes/", study.outcomes, name="study_outcomes"),
    path("studies/<int:pk>/versions/", versions.version_list, name="study_versions"),
    path(
        "studies/<int:pk>/versions/<int:registration_pk>/compare/",
        versions.compare,
        name="version_compare",
    ),
    path("studies/<int:pk>/trail/", study.trail_tab, name="study_trail"),
]

IMPORTS = [
    path("imports/", imports.run_list, name="imports"),
    path("imports/new/", imports.run_new, name="import_new"),
    path("imports/<int:pk>/", imports.run_detail, name="import"),
    path("imports/<int:pk>/studies/", imports.run_studies, name="import_studies"),
    path("imports/<int:pk>/refused.csv", imports.run_refused_csv, name="import_refused_csv"),
    path("imports/<int:pk>/refused/", imports.run_refused_file, name="import_refused_file"),
    path("imports/<int:pk>/cancel/", imports.run_cancel, name="import_cancel"),
    path("imports/<int:pk>/resume/", imports.run_resume, name="import_resume"),
]

PLACES = [
    path("places/", places.place_list, name="places"),
    path("places/accept/", place_acts.place_accept_many, name="places_accept"),
    path("places/undo/", place_acts.place_undo, name="places_undo"),
    path("places/<int:pk>/", place.place_detail, name="place"),
    path("places/<int:pk>/studies/", place.place_studies, name="place_studies"),
    path("places/<int:pk>/settle/", place_acts.place_settle, name="place_settle"),
    path("places/<int:pk>/reject/", place_acts.place_reject, name="place_reject"),
    path("places/<int:pk>/register/", place_acts.place_register, name="place_register"),
]

# -- registering by hand, curation, merging -----------------------------------------------------

DRAFTS = [
    path("studies/register/", opening.register, name="register"),
    path("studies/drafts/", draft_list.draft_list, name="drafts"),
    path("studies/drafts/export.csv", draft_list.export, name="drafts_export"),
    path("studies/<int:pk>/draft/", drafts.draft, name="draft"),
    path("studies/<int:pk>/draft/check/", publishing.check, name="draft_check"),
    path("studies/<int:pk>/draft/published/", publishing.published, name="draft_published"),
    path("studies/<int:pk>/draft/discard/", publishing.discard, name="draft_discard"),
    path("studies/<int:pk>/draft/reopen/", publishing.reopen, name="draft_reopen"),
    path("studies/<int:pk>/draft/page/<slug:key>/", drafts.section, name="draft_section"),
]

CURATION = [
    path("studies/review/", review.review, name="review"),
    path("studies/review/export.csv", review.export, name="review_export"),
    path("studies/review/decide/", review.decide, name="review_decide"),
    path("studies/<int:pk>/curate/", curation.fields, name="curate"),
    path("studies/<int:pk>/curate/<slug:field>/", curation.curate_field, name="curate_field"),
    path("studies/<int:pk>/merge/", merging.merge, name="merge"),
    path("studies/<int:pk>/part/", merging.part, name="part"),
]

urlpatterns = [*PORTFOLIO, *STUDY, *IMPORTS, *PLACES, *DRAFTS, *CURATION]
