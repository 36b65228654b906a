"""Tables of the registry.

``Study`` is thin: who it is and where it stands. What registries say of it lies in ``Registration``
and its append-only versions; what staff say instead lies in ``CuratedField``. ``StudyIndex`` and
``StudyLocation`` are made from those and can be made again, so their rows have no history.
"""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.lookups import Exact

from tembusu.coordination.registry.terms import PlaceState, RunState, StudyState
from tembusu.foundation.core import history


class StudyQuerySet(models.QuerySet["Study"]):
    def visible_to(self, user: Any) -> Self:
        """Published studies to everybody; others to those who work with them."""
        public = Q(state__in=[StudyState.PUBLISHED, StudyState.MERGED])
        return self.exclude(state=StudyState.DISCARDED).filter(public | _works_with(user))

    def within(self, user: Any) -> Self:
        """The studies that the user works with: those of the user's scopes; for keepers, all."""
        return self.exclude(state=StudyState.DISCARDED).filter(_works_with(user))


def _works_with(user: Any) -> Q:
    from tembusu.coordination.registry import permissions

    if permissions.sees_every_study(user):
        return Q(pk__isnull=False)
    scopes = permissions.scopes_seen(user)
    at_site = StudySite.objects.filter(study=OuterRef("pk")).filter(
        Q(scope_id__in=scopes) | Q(organisation__scope_id__in=scopes)
    )
    return Q(scope_id__in=scopes) | Q(Exists(at_site))


@history.track()
class Study(models.Model):
    """The investigation, whatever registries it stands in."""

    number = models.CharField(max_length=20, unique=True)
    scope = models.OneToOneField("people.Scope", models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=20, choices=StudyState.choices(), default=StudyState.PUBLISHED
    )
    sponsor = models.ForeignKey(
        "people.Organisation", models.PROTECT, related_name="+", null=True, blank=True
    )
    merged_into = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Study"]] = StudyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                name="study_points_to_another_exactly_when_merged",
                condition=Q(state=StudyState.MERGED, merged_into__isnull=False)
                | (~Q(state=StudyState.MERGED) & Q(merged_into__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ImportRun(models.Model):
    """One import: what was asked, how far it came, and what became of the records."""

    label = models.CharField(max_length=300)
    paths = models.JSONField(default=list)
    state = models.CharField(max_length=20, choices=RunState.choices(), default=RunState.RUNNING)
    job_id = models.BigIntegerField(null=True)
    started_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    last_source = models.TextField(blank=True)
    last_position = models.PositiveIntegerField(default=0)
    refused_file = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-id"], name="run_newest")]

    def __str__(self) -> str:
        return f"Import {self.pk}: {self.label}"


class RefusedRecord(models.Model):
    """A record that an import could not take: where it stands and why."""

    append_only: ClassVar[bool] = True

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="refused")
    source = models.TextField()
    position = models.PositiveIntegerField()
    registry_no = models.CharField(max_length=100, blank=True)
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.source} #{self.position}: {self.reason}"


@history.track()
class Registration(models.Model):
    """A study's entry in one registry. The platform's own register is one of them."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="registrations")
    registry = models.CharField(max_length=20)
    registry_no = models.CharField(max_length=60)
    version_no = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "registry_no"],
                name="registration_number_is_unique_in_its_registry",
            ),
            models.UniqueConstraint(
                fields=["study", "registry"], name="study_stands_once_in_each_registry"
            ),
        ]

    def __str__(self) -> str:
        return self.registry_no


class RegistrationVersion(models.Model):
    """What a registry said of a study at one time. Rows are only ever added."""

    append_only: ClassVar[bool] = True

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="versions")
    version_no = models.PositiveIntegerField()
    record = models.JSONField()
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField()
    source = models.TextField()
    position = models.PositiveIntegerField(default=0)
    media = models.CharField(max_length=10, blank=True)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="+", null=True)
    notes = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "version_no"],
                name="version_number_is_unique_in_its_registration",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} v{self.version_no}"


class SeenPiece(models.Model):
    """The fingerprint of a raw piece that was taken before, so that it need not be read again."""

    fingerprint = models.BinaryField(primary_key=True, max_length=32)

    def __str__(self) -> str:
        return bytes(self.fingerprint).hex()


class CrossReference(models.Model):
    """A number in another registry that a registration names: how two entries of one study meet."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="cross_references")
    registry = models.CharField(max_length=20)
    registry_no = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["registry", "registry_no"], name="crossref_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "registry", "registry_no"],
                name="cross_reference_is_named_once_in_a_registration",
            )
        ]

    def __str__(self) -> str:
        return self.registry_no


@history.track()
class CuratedField(models.Model):
    """What staff say in place of what the registries say. An import never overwrites it."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="curated")
    field = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    imported_value = models.JSONField(null=True)
    differs_since = models.DateTimeField(null=True)
    curated_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    curated_at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "field"], name="field_is_curated_once_in_a_study"
            )
        ]

    def __str__(self) -> str:
        return f"{self.study} {self.field}"


@history.track(exclude=["n_locations"])
class Place(models.Model):
    """A location's name as registries write it, and the organisation it stands for.

    All locations that write the name alike share one row: one decision settles them all, and the
    next import finds it.
    """

    key = models.CharField(max_length=400, unique=True)
    name = models.TextField()
    city = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=20, choices=PlaceState.choices())
    organisation = models.ForeignKey(
        "people.Organisation", models.PROTECT, related_name="+", null=True
    )
    confidence = models.FloatField(default=0)
    method = models.CharField(max_length=20, blank=True)
    explanation = models.TextField(blank=True)
    alternatives = models.JSONField(default=list)
    n_locations = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "country", "-n_locations", "id"], name="place_queue"),
        ]
        constraints = [
            models.CheckConstraint(
                name="place_has_an_organisation_exactly_when_settled",
                condition=Q(state=PlaceState.SETTLED, organisation__isnull=False)
                | (~Q(state=PlaceState.SETTLED) & Q(organisation__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StudyLocation(models.Model):
    """A location that a registration lists. Made from its current version."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="locations")
    place = models.ForeignKey(Place, models.PROTECT, related_name="locations")
    ordinal = models.PositiveIntegerField()
    # As written there: a place is shared by all that write its name alike, and shows one of them.
    name = models.TextField(blank=True)
    status = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=100, blank=True)
    contacts = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.study_id} {self.ordinal}"


@history.track()
class StudySite(models.Model):
    """An institution's part in a study.

    ``is_kept``: people work with it, so it stays whatever the study's locations say.
    """

    study = models.ForeignKey(Study, models.PROTECT, related_name="sites")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    scope = models.OneToOneField("people.Scope", models.PROTECT, related_name="+")
    is_kept = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "organisation"], name="organisation_is_one_site_of_a_study"
            )
        ]

    def __str__(self) -> str:
        return f"{self.study} at {self.organisation}"


@history.track()
class StudyDraft(models.Model):
    """What somebody has typed so far of a study that is registered by hand."""

    study = models.OneToOneField(Study, models.PROTECT, related_name="draft")
    answers = models.JSONField(default=dict)
    # By question, what stands in its controls and is no answer yet: nothing typed is lost.
    typed = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Draft of {self.study}"


@history.track()
class SavedView(models.Model):
    """A portfolio query that a person keeps under a name."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    query = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"], name="saved_view_name_is_unique_for_a_person"
            )
        ]

    def __str__(self) -> str:
        return self.name


def impacts_of(field: str) -> Func:
    """Return how strongly a ``document``'s names and concepts say each of their words."""
    return Func(F(field), function="registry_impacts", output_field=SearchVectorField())


# Every eighth study has a small index of words of its own, by which much is told about all of them.
SAMPLED = 8


def in_sample() -> Q:
    """Say that a study is one of those whose words are indexed apart."""
    return Q(Exact(F("study") % SAMPLED, 0))


def words_of(field: str) -> Func:
    """Return the stems of a text's words in the order of the alphabet, those like 'of' left out."""
    return Func(
        F(field),
        template="tsvector_to_array(to_tsvector('english', %(expressions)s))",
        output_field=ArrayField(models.TextField()),
    )


class StudyIndex(models.Model):
    """What lists, filters, sorts and searches read: one row for each study, made from the rest.

    ``facets`` holds ``status:recruiting``, ``phase:3``, ``country:SG``, … so that one index serves all
    filters. ``document`` is the weighted text; it also holds MeSH descriptor ids (``d015179``) of the
    study's concepts and of all broader ones, so that a synonym or a broader term is one look-up.
    """

    study = models.OneToOneField(Study, models.CASCADE, primary_key=True, related_name="index")
    is_public = models.BooleanField(default=True)
    scope_id = models.BigIntegerField()
    site_scope_ids = ArrayField(models.BigIntegerField(), default=list)
    number = models.CharField(max_length=20)
    registry_nos = ArrayField(models.CharField(max_length=60), default=list)
    title = models.TextField()
    acronym = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=40, blank=True)
    phase = models.CharField(max_length=40, blank=True)
    study_type = models.CharField(max_length=40, blank=True)
    sponsor_name = models.TextField(blank=True)
    conditions = ArrayField(models.TextField(), default=list)
    countries = ArrayField(models.TextField(), default=list)
    n_locations = models.PositiveIntegerField(default=0)
    n_answered = models.PositiveSmallIntegerField(default=0)
    enrolment = models.PositiveIntegerField(null=True)
    enrolment_kind = models.CharField(max_length=20, blank=True)
    # Dates are sorted and narrowed by the first day that they allow, and said as the registry does.
    start_date = models.DateField(null=True)
    start_dtc = models.CharField(max_length=10, blank=True)
    updated_date = models.DateField(null=True)
    updated_dtc = models.CharField(max_length=10, blank=True)
    has_results = models.BooleanField(default=False)
    needs_review = models.BooleanField(default=False)
    sort_title = models.CharField(max_length=120, db_collation="C")
    facets = ArrayField(models.CharField(max_length=80), default=list)
    document = SearchVectorField(null=True)

    class Meta:
        indexes = [
            # Both in one, so that what a study says and how strongly is one look-up.
            GinIndex(
                F("document"),
                impacts_of("document"),
                name="index_words",
                fastupdate=True,
                gin_pending_list_limit=1024,
            ),
            GinIndex(
                F("document"),
                impacts_of("document"),
                name="index_words_sampled",
                condition=in_sample(),
                fastupdate=True,
                gin_pending_list_limit=1024,
            ),
            GinIndex(
                fields=["facets"], name="index_facets", fastupdate=True, gin_pending_list_limit=1024
            ),
            GinIndex(fields=["registry_nos"], name="index_registry_nos"),
            GinIndex(fields=["site_scope_ids"], name="index_site_scopes"),
            models.Index(fields=["scope_id"], name="index_scope"),
            models.Index(fields=["sort_title", "study"], name="index_title"),
            models.Index(fields=["number", "study"], name="index_number"),
            models.Index(
                F("updated_date").desc(nulls_last=True), F("study").desc(), name="index_updated"
            ),
            models.Index(
                F("start_date").desc(nulls_last=True), F("study").desc(), name="index_started"
            ),
            models.Index(
                F("enrolment").desc(nulls_last=True), F("study").desc(), name="index_enrolment"
            ),
            models.Index(fields=["updated_date", "study"], name="index_updated_up"),
            models.Index(fields=["start_date", "study"], name="index_started_up"),
            models.Index(fields=["enrolment", "study"], name="index_enrolment_up"),
            models.Index(F("n_answered").asc(), F("study").asc(), name="index_answered"),
        ]

    def __str__(self) -> str:
        return self.number


class SearchWord(models.Model):
    """A distinct word of the indexed texts, for mending typos and for knowing which words are rare.

    ``n_named``: in how many it stands in names and concepts, not only in what is told of them.
    ``is_term``: the thesaurus has it, so that it is never taken for a typo, used or not. MeSH
    descriptor ids (``d015179``) are counted here as well.
    """

    word = models.CharField(max_length=60, primary_key=True)
    stem = models.CharField(max_length=60)
    n_studies = models.PositiveIntegerField(default=0)
    n_named = models.PositiveIntegerField(default=0)
    is_term = models.BooleanField(default=False)

    class Meta:
        indexes = [
            GinIndex(OpClass(F("word"), name="gin_trgm_ops"), name="word_trigrams"),
            models.Index(fields=["stem"], name="word_stem"),
        ]

    def __str__(self) -> str:
        return self.word


class MeshDescriptor(models.Model):
    """A heading of the US National Library of Medicine's Medical Subject Headings."""

    ui = models.CharField(max_length=12, primary_key=True)
    name = models.TextField()
    tree_numbers = ArrayField(models.CharField(max_length=60), default=list)
    broader = ArrayField(models.CharField(max_length=12), default=list)

    def __str__(self) -> str:
        return self.name


class MeshPhrase(models.Model):
    """A term that names a descriptor, in the form in which queries are looked up."""

    phrase = models.CharField(max_length=250)
    descriptor = models.ForeignKey(MeshDescriptor, models.CASCADE, related_name="phrases")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phrase", "descriptor"], name="mesh_phrase_is_unique_for_a_descriptor"
            )
        ]
        # The phrase's words in whatever order, by their stems, small words left out.
        indexes = [models.Index(words_of("phrase"), name="mesh_phrase_words")]

    def __str__(self) -> str:
        return self.phrase
