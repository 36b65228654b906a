"""Every exception to a rule of the house, with its reason: one table for each rule.

An entry that no longer excepts anything fails its test, so the tables stay as short as they can be.
"""

# -- room shape: the file names of one room, repeated ----------------------------------------------

ROOM_FILES = {
    "__init__": "what happens here, which standard or law governs it",
    "terms": "the room's words",
    "rules": "decisions on plain values",
    "models": "tables, constraints, querysets",
    "permissions": "who may",
    "selectors": "reads; a door",
    "actions": "writes; a door",
    "forms": "what people type",
    "views": "pages",
    "urls": "addresses of the pages",
    "api": "addresses for programs",
    "tasks": "what workers run",
    "demo": "synthetic records",
    "apps": "registers the room with Django, its acts, events and menu",
}
ROOM_FOLDERS = {"migrations", "templates", "tests", "static"}

# Infrastructure that other rooms stand on. Its modules are doors exactly where DOORS says so.
MORE_FILES = {
    "core": {
        "audit": "makes a function an audited act and writes its event",
        "history": "row history by triggers",
        "ledger": "keeps the ledger append-only for the application's role",
        "states": "the base of all states and moves; free of Django",
        "outbox": "events to higher rooms",
        "jobs": "long work, registered by rooms",
        "locks": "who is at work on a record, let go of with the connection",
        "files": "files stored by SHA-256",
        "vault": "encryption under a key for each person",
        "notices": "notifications in the app and by e-mail",
        "trail": "a record's trail, for any room's record page",
        "worklist": "what waits in each room, for the desk",
        "rowchanges": "changed rows as the trail tells them",
        "http": "middleware: request id, who and which request",
    },
    "people": {
        "sign_in": "adapters that allauth finds by name in settings",
        "sessions": "middleware: idle time-out, second factor",
        "templatetags": "what allauth's pages need beside ui's components",
    },
    "exchange": {"reading": "reads the tables that people send; knows no database"},
    "registry": {
        "reading": "reads the files of an import, in a process of its own that loads no Django",
        "registration_form": "the form of registering by hand, as data with its source (TOML)",
    },
    "startup": {
        "pathways": "pathways and therapeutic areas as data, which seed versions (TOML)",
    },
    "jurisdictions": {
        "packs": "what each country asks of a trial, as data with its sources (TOML)",
    },
    "insight": {"definitions": "what the figures count, as data, which seeds versions (TOML)"},
    "ui": {
        "navigation": "the menu, which rooms fill from their apps.py",
        "paging": "keyset paging; pure",
        "polling": "how a page of long work asks how the work stands",
        "context": "context processor named in settings",
        "charts": "server-side SVG; pure",
        "downloads": "tables as files: CSV that streams, with harmless cells",
        "links": "query strings of lists; pure",
        "countries": "names of countries by their codes; pure",
        "wording": "numbers, dates and sizes as people read them",
        "forms_shown": "the gallery's example forms",
        "specimens": "the gallery's example values",
        "templatetags": "the components, as Django wants tag libraries to lie",
        "vendor": "copies the browser's libraries from node_modules",
    },
}
# What tests are named after, besides the room's parts.
COMMON_TESTS = {
    "concurrency": "two people at once",
    "screens": "the pages in a browser, wide and narrow",
}
MORE_TESTS = {
    "ui": {
        "components": "the components of templatetags, as shown",
        "gallery": "the gallery's pages, in a browser too",
        "templates": "the shells",
        "tokens": "contrast, computed from tokens.css",
    },
}
TEMPLATE_FOLDERS = {
    "ui": {"": "error pages, which Django finds by name at the root"},
    "people": {
        "": "the page of too many requests, which allauth finds by name at the root",
        "account": "overrides of allauth's pages, which it finds by name",
        "mfa": "overrides of allauth's pages, which it finds by name",
        "allauth": "overrides of allauth's layouts and elements, found by name",
    },
}

# -- doors: what one room may import of another ----------------------------------------------------

COMMON_DOORS = {"terms", "selectors", "actions"}
DOORS = {
    "core": {
        "audit": "an act is made with it",
        "history": "a table is tracked with it",
        "states": "states and moves are declared with it",
        "jobs": "long work is registered and started with it",
        "locks": "a room says with it that somebody is at work on a record",
        "outbox": "events are announced and heard with it",
        "files": "a file is stored with it",
        "vault": "a private field is sealed with it",
        "notices": "a person is told with it",
        "trail": "a record page shows the trail with it",
        "worklist": "a room says with it what waits in it for a person",
        "http": "the request's id is read from it",
        "ledger": "backups and tests ask it for weaknesses",
    },
    "people": {"api": "what every API operation needs: token, throttle, refusals"},
    "ui": {
        "navigation": "a room enters its pages in the menu",
        "paging": "a list is paged with it",
        "polling": "a page of long work asks with it how the work stands",
        "forms": "the sections and controls of every form",
        "charts": "a figure is drawn with it",
        "downloads": "what a list shows is sent as a file with it",
        "links": "a list's addresses are made with it",
        "wording": "a number or a date is worded with it",
        "countries": "a country is named, and told by any of its names, with it",
    },
}

# -- acts: public functions in actions that are no audited act of their own -----------------------

NO_ACT_MODULES = {
    "tembusu.foundation.people.actions.scopes": "a scope is made and moved within the act on the "
    "record "
    "that it stands for; that act is audited",
}
NO_ACT = {
    "tembusu.foundation.exchange.actions.announcing.announce": "within the act that it tells "
    "of; that act is audited",
    "tembusu.coordination.registry.actions.bodies.load_organisations": "a run of acts, one for "
    "each "
    "organisation",
    "tembusu.coordination.registry.actions.mesh.load_mesh": "a run of acts: the thesaurus is "
    "replaced "
    "by one, the end is another",
    "tembusu.coordination.registry.actions.imports.import_studies": "a run of acts: its start, "
    "each "
    "batch and its end are one each",
    "tembusu.foundation.people.actions.invitations.link": "an address; writes nothing",
    "tembusu.foundation.people.actions.tokens.use_token": "notes when a token was last used; what "
    "is "
    "done with the token is audited",
}
# Acts whose signature is not `*, …, by, at`.
OTHER_SIGNATURE = {
    "tembusu.coordination.registry.actions.batches.import_batch": "the import carries its time: "
    "all its "
    "batches belong to the moment at which it was asked for",
}

# -- tables ---------------------------------------------------------------------------------------

UNTRACKED = {
    # ours
    "core.OutboxEvent": "a queue: what it announces is in the ledger already",
    "core.Job": "how far work has come; start, cancel, retry and end are audit events",
    "core.Notification": "a copy of what the ledger says, for one reader",
    "core.PersonKey": "ciphertext of keys must not outlive their destruction in a history",
    "people.Scope": "says only where its one record stands, and that record is tracked",
    "exchange.Extract": "how far a file has come; each of its steps and batches is an audit event",
    "exchange.ExtractRow": "what became of a row of a file that is kept; its batch is an audit event",
    "desk.Digest": "that a mail left; each is an audit event",
    "exchange.WebhookDelivery": "a queue; each of its attempts is kept, and sending again is an audit "
    "event",
    "registry.ImportRun": "how far an import has come; its batches and its end are audit events",
    "registry.SeenPiece": "fingerprints that save reading a piece twice; made again by any import",
    "registry.CrossReference": "derived from the registration's current version",
    "registry.StudyLocation": "derived from the registration's current version",
    "registry.StudyIndex": "derived: what lists and searches read; `tembusu reindex` makes it "
    "again",
    "registry.SearchWord": "derived: the distinct words of the index",
    "registry.MeshDescriptor": "reference data loaded as a whole by `tembusu load-mesh`, an "
    "audited act",
    "registry.MeshPhrase": "reference data loaded as a whole by `tembusu load-mesh`, an audited "
    "act",
    "insight.MonthFigures": "derived from start-up's records; `tembusu recompute-figures` makes it "
    "again",
    "insight.CaseMonth": "derived: where a study-site's facts stand",
    # of the libraries
    "auth.Permission": "made by migrations; rights here come from roles (people.Membership)",
    "auth.Group": "not used: rights come from roles (people.Membership)",
    "contenttypes.ContentType": "made by migrations",
    "sessions.Session": "a signed-in browser; sign-in and sign-out are audit events",
    "account.EmailAddress": "not used for rights; the address is in people.Person, which is "
    "tracked",
    "account.EmailConfirmation": "not used: an account exists only through an invitation",
    "mfa.Authenticator": "holds sealed secrets; setting up and removing one is an audit event",
    "procrastinate.ProcrastinateEvent": "the queue's own log",
    "procrastinate.ProcrastinateJob": "the queue; core.Job tells people about it",
    "procrastinate.ProcrastinatePeriodicDefer": "the queue's own schedule",
    "procrastinate.ProcrastinateWorker": "the queue's own workers",
    "pghistory.Events": "reads across all history; its table is never made",
    "pghistory.Context": "part of the history itself: append-only by the ledger's rights",
}

# -- addresses ------------------------------------------------------------------------------------

# Path as `urls` writes it: why anybody may open it.
PUBLIC = {
    "ui/": "the gallery: synthetic examples only",
    "ui/<slug:shell>/": "the gallery's shells: synthetic examples only",
    "ui/error/<int:code>/": "the gallery's error pages",
    "ui/progress/": "the gallery's example of a running job",
    "ui/theme/": "sets light or dark in a cookie of one's own",
    "api/v1/openapi.json": "describes the API; holds no record",
    "account/login/": "people sign in here",
    "account/logout/": "signing out twice is no error",
    "account/password/reset/": "a forgotten password; says nothing about who has an account",
    "account/password/reset/done/": "says nothing about who has an account",
    "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "the e-mailed link; its "
    "key is the right to it",
    "account/password/reset/key/done/": "says only that a password was set",
    "account/inactive/": "says only that an account is not active",
    "desk/feed/<str:secret>.ics": "calendar programs can't sign in; the address's secret is the right",
    "desk/digest/stop/<str:token>/": "the digest's link; its signature is the right, to end it only",
    "people/invitations/<str:secret>/accept/": "the invitation's link; its secret is the right",
}
# Addresses that a library mounts and that answer "not found" to everybody here.
CLOSED = {
    "api/v1/": "the API's root is no operation",
    "account/signup/": "accounts are made by invitation only",
    "account/password/set/": "nobody has an account without a password",
    "account/confirm-email/": "an invitation has confirmed the address",
    "account/^confirm-email/(?P<key>[-:\\w]+)/$": "an invitation has confirmed the address",
    "account/login/code/confirm/": "nobody signs in by a code alone",
}

# -- code -----------------------------------------------------------------------------------------

CATCHES_ALL = {
    "tembusu.foundation.core.outbox._deliver_one": "one subscriber's fault must not stop the "
    "others; "
    "it is kept with the event, which is delivered again",
}
READS_CLOCK: dict[str, str] = {}

# -- countries ------------------------------------------------------------------------------------

# Files of src that may name a country's own bodies, laws and procedures, besides packs and demos.
HOME_WORDS = {
    "tembusu/config/environment.py": "what settings are where nobody sets them",
    "tembusu/foundation/ui/countries.py": "names of all countries by their codes",
    "tembusu/foundation/ui/wording.py": "GB is a gigabyte",
    "tembusu/foundation/ui/forms.py": "a country's code as an example in a hint",
}
