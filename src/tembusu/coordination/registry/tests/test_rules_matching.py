"""Every institution in these tables is made up, but for those read from the ROR file beside us."""

import csv
import doctest
import itertools
import json
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from bench.organisation_matching import exact_interval
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.shared import CHECKOUT, shared_path

from tembusu.coordination.registry.rules import matching, matching_names, matching_words
from tembusu.coordination.registry.rules.matching import (
    Candidate,
    Matcher,
    Method,
    Outcome,
    QueueName,
    RorRecordError,
    country_key,
    home_first,
    institution_part,
    is_placeholder,
    normalise,
    queue_key,
    ror_candidates,
)

NOWHERE = ("Larkmoor", "Ireland")
CANDIDATES = (
    Candidate("lgh", "Larkmoor General Hospital", (), ("LGH",), "Larkmoor", "Ireland"),
    Candidate(
        "uol", "University of Larkmoor", ("Larkmoor College",), ("UOL",), "Larkmoor", "Ireland"
    ),
    Candidate("ncc", "National Cancer Centre Ireland", (), ("NCC",), "Dunbeg", "Ireland"),
    Candidate("mary-d", "Saint Mary's Hospital", (), (), "Dunbeg", "Ireland"),
    Candidate("mary-l", "St. Mary's Hospital", (), (), "Larkmoor", "IE"),
    Candidate("quill", "Quillfeather Tamsin Institute", (), ("QTI",), "Dunbeg", "Ireland"),
    Candidate("double-1", "Eastern Heart Centre", (), ("EHC",), "Dunbeg", "Ireland"),
    Candidate("double-2", "Elder Health Clinic", (), ("EHC",), "Dunbeg", "Ireland"),
    Candidate("abroad", "Larkmoor General Hospital", (), ("LGH",), "Larkmoor", "Canada"),
    Candidate("uh", "University Hospital", (), (), "Dunbeg", "Ireland"),
    Candidate("unplaced", "Velvetine Foundation Hospital", (), (), "", ""),
)

PIECES = st.sampled_from(
    [
        "The",
        "Univ.",
        "Hosp.",
        "Ctr",
        "&",
        "St",
        "Ltd",
        "Pte",
        "of",
        "Médical",
        "Co.",
        "ｆｕｌｌ",
        "N.U.H.",
    ]
)
NAMES = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=7).map(" ".join))


@pytest.fixture(scope="module")
def matcher():
    return Matcher(CANDIDATES)


@pytest.fixture(scope="module")
def ror():
    path = shared_path("data/ror/ror_singapore_records.json")
    return ror_candidates(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def ror_matcher(ror):
    return Matcher(ror)


def by_name(candidates, name):
    return next(candidate for candidate in candidates if candidate.name == name).key


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("The Larkmoor Gen. Hosp.", "larkmoor general hospital"),
        ("Larkmoor Univ Hosp Ctr", "larkmoor university hospital center"),
        ("Hôpital Général de Larkmoor", "hospital general de larkmoor"),
        ("St. Mary’s Hospl", "saint marys hospital"),
        ("Research & Education Inst., Pte. Ltd.", "research and education institute"),
        ("Natl Cancer Cntr", "national cancer center"),
        ("Ｌａｒｋｍｏｏｒ　Ｃｅｎｔｒｅ", "larkmoor center"),
        ("L.G.H.", "lgh"),
        ("L'Hôpital d'Exton", "hospital exton"),
        ("Dept of Med", "department of medical"),
        ("Straße-Klinik GmbH", "strasse clinic"),
        ("Ltd", "ltd"),
        ("the", ""),
        ("  ...  ", ""),
        ("", ""),
    ],
)
def test_normalise_gives_one_spelling(name, expected):
    assert normalise(name) == expected


@given(NAMES)
@example("The the Univ Ltd Ltd")
@example("ŉ İ ẞ ﬁ")
def test_normalise_is_idempotent(name):
    assert normalise(normalise(name)) == normalise(name)


@given(NAMES)
def test_normalise_does_not_see_case_or_surrounding_space(name):
    assert normalise(f"  {name}\t") == normalise(name)
    assert normalise(name.casefold()) == normalise(name)


def test_every_written_form_leads_to_a_word_that_stays():
    for word in matching_words.FORMS.values():
        assert normalise(word) == word


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Larkmoor General Hospital, Department of Haematology", "Larkmoor General Hospital"),
        ("Larkmoor General Hospital Department of Haematology", "Larkmoor General Hospital"),
        ("Department of Medicine, Larkmoor General Hospital", "Larkmoor General Hospital"),
        ("Dept. of Surgery of the Larkmoor General Hospital", "Larkmoor General Hospital"),
        ("Larkmoor Hosp., Infectious Diseases Research Ctr. CRS", "Larkmoor Hosp"),
        ("Dr Ann Example, Larkmoor General Hospital", "Larkmoor General Hospital"),
        ("Larkmoor General Hospital - Ward 12", "Larkmoor General Hospital"),
        ("Larkmoor General Hospital / Room 4.12", "Larkmoor General Hospital"),
        ("Larkmoor General Hospital Site 0012", "Larkmoor General Hospital"),
        ("Site 12, Larkmoor General Hospital", "Larkmoor General Hospital"),
        ("Cancer Center, University of Larkmoor", "University of Larkmoor"),
        ("LGH, Haematology", "LGH"),
        ("Barnes-Larkmoor Hospital", "Barnes-Larkmoor Hospital"),
        ("General Hospital", "General Hospital"),
        ("Department of Surgery", "Department of Surgery"),
        ("", ""),
    ],
)
def test_institution_part_drops_what_is_inside_an_institution(name, expected):
    assert institution_part(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "Research Site",
        "Local Institution",
        "Local Institution - 0012",
        "Investigational Site 001",
        "Novartis Investigative Site",
        "Example Pharma Investigational Centre",
        "Clinical Research Site 12",
        "Many Locations",
        "Multiple sites in Ireland",
        "Research Site, Larkmoor",
        "0012",
        "#17-B",
        "Site Reference ID/Investigator# 4501",
        "For additional information regarding investigative sites, contact 555-0100",
        "Unknown",
        "N/A",
        "--",
        "",
    ],
)
def test_a_placeholder_is_known_and_said_to_name_nothing(name, matcher):
    found = matcher.match(name, *NOWHERE)
    assert (found.outcome, found.method, found.key) == (
        Outcome.PLACEHOLDER,
        Method.PLACEHOLDER,
        None,
    )
    assert "not named" in found.reason


@pytest.mark.parametrize(
    "name",
    [
        "Larkmoor Research Institute",
        "Quill Clinic Investigational Site",
        "Larkmoor General Hospital Site 12",
        "Cloverdale Research Facility",
        "General Hospital",
        "LGH",
        "Hospital 12 de Octubre",
    ],
)
def test_a_named_institution_is_no_placeholder(name):
    assert not is_placeholder(name, "Dunbeg", "Ireland")


@pytest.mark.parametrize(
    ("name", "city", "country", "outcome", "key", "method"),
    [
        ("Larkmoor General Hospital", "Larkmoor", "Ireland", "settled", "lgh", "exact"),
        ("Larkmoor Gen Hosp", "Larkmoor", "IE", "settled", "lgh", "exact"),
        ("Larkmoor Gneral Hospital", "Larkmoor", "Ireland", "settled", "lgh", "similar"),
        ("Hospital Larkmoor General", "Larkmoor", "Ireland", "settled", "lgh", "similar"),
        ("Larkmoor College", "Larkmoor", "Ireland", "settled", "uol", "alias"),
        ("National Cancer Center", "Dunbeg", "Ireland", "settled", "ncc", "exact"),
        ("National Cancer Centre - Ireland", "", "Ireland", "settled", "ncc", "exact"),
        ("LGH", "Larkmoor", "Ireland", "settled", "lgh", "acronym"),
        ("L.G.H., Dept of Surgery", "Larkmoor", "Ireland", "settled", "lgh", "acronym"),
        ("LGH", "Larkmoor", "Canada", "settled", "abroad", "acronym"),
        # Written small, the letters may be a word; a person looks.
        ("lgh", "Larkmoor", "Ireland", "proposed", "lgh", "acronym"),
        ("LGH", "Larkmoor", "Germany", "unresolved", None, "none"),
        ("EHC", "Dunbeg", "Ireland", "proposed", "double-1", "acronym"),
        ("Larkmoor General Hospital", "Larkmoor", "Germany", "unresolved", None, "none"),
        # Without a country nothing is sure.
        ("Quillfeather Tamsin Institute", "Dunbeg", "", "proposed", "quill", "exact"),
        ("Velvetine Foundation Hospital", "Dunbeg", "Ireland", "proposed", "unplaced", "exact"),
        # Many towns have a hospital of this name, so the town decides.
        ("St Mary's Hospital", "Dunbeg", "Ireland", "settled", "mary-d", "exact"),
        ("St Mary's Hospital", "Larkmoor", "Ireland", "settled", "mary-l", "exact"),
        ("St Mary's Hospital", "Elsewhere", "Ireland", "proposed", "mary-d", "exact"),
        ("St Luke's Hospital", "Dunbeg", "Ireland", "unresolved", None, "none"),
        # A name that no other town would give is the same body in another town.
        ("Quillfeather Tamsin Institute", "Larkmoor", "Ireland", "settled", "quill", "exact"),
        ("General Hospital", "Larkmoor", "Ireland", "unresolved", None, "none"),
        # A common name is one body's own only in its own town, and a person confirms it.
        ("University Hospital", "Dunbeg", "Ireland", "proposed", "uh", "exact"),
        ("University Hospital", "Larkmoor", "Ireland", "unresolved", None, "none"),
        ("Infectious Disease Clinic", "Dunbeg", "Ireland", "unresolved", None, "none"),
        # Initials that nobody recorded are a guess, and only in the body's own town.
        ("QTI", "Larkmoor", "Ireland", "proposed", "quill", "acronym"),
        ("VFH", "Larkmoor", "Ireland", "proposed", "unplaced", "acronym"),
        ("NCCI", "Dunbeg", "Ireland", "proposed", "ncc", "acronym"),
        ("NCCI", "Larkmoor", "Ireland", "unresolved", None, "none"),
        ("Wholly Different Company, Inc.", "Larkmoor", "Ireland", "unresolved", None, "none"),
        ("Larkmoor University", "Larkmoor", "Ireland", "proposed", "uol", "similar"),
        ("School of Medicine, University of Larkmoor", *NOWHERE, "settled", "uol", "exact"),
        ("Quail School of Medicine, University of Larkmoor", *NOWHERE, "proposed", "uol", "parent"),
        ("Wholly Different Sanatorium", "Larkmoor", "Ireland", "unresolved", None, "none"),
        ("大学医院", "Larkmoor", "Ireland", "unresolved", None, "none"),
    ],
)
def test_a_name_meets_its_organisation(matcher, name, city, country, outcome, key, method):
    found = matcher.match(name, city, country)
    assert (found.outcome, found.key, found.method) == (outcome, key, method)


def test_rivals_are_listed_and_never_settled(matcher):
    found = matcher.match("EHC", "Dunbeg", "Ireland")
    assert found.outcome is Outcome.PROPOSED
    assert [key for key, _ in found.alternatives] == ["double-2"]
    assert "equally" in found.reason


def test_alternatives_are_at_most_five_and_nearest_first():
    colours = ("Red", "Blue", "Green", "Black", "White", "Grey", "Pink")
    names = [f"Ashgrove Larkmoor {colour} Hospital" for colour in colours]
    crowd = Matcher(Candidate(name, name, (), (), "", "Ireland") for name in names)
    found = crowd.match("Ashgrove Larkmoor Hospital", "", "Ireland")
    assert found.outcome is Outcome.PROPOSED
    assert len(found.alternatives) == 5
    confidences = [found.confidence, *(confidence for _, confidence in found.alternatives)]
    assert confidences == sorted(confidences, reverse=True)


@given(st.text(max_size=60), st.text(max_size=12), st.sampled_from(["Ireland", "IE", "", "Peru"]))
def test_any_text_gets_an_answer_that_holds_together(name, city, country):
    found = Matcher(CANDIDATES).match(name, city, country)
    assert 0 <= found.confidence <= 1
    assert (found.key is not None) == (found.outcome in {Outcome.SETTLED, Outcome.PROPOSED})
    assert found.key not in {key for key, _ in found.alternatives}


@given(st.randoms(use_true_random=False), st.sampled_from([c.name for c in CANDIDATES] + ["EHC"]))
def test_the_order_of_candidates_changes_nothing(source: random.Random, name):
    shuffled = list(CANDIDATES)
    source.shuffle(shuffled)
    asked = (name, "Dunbeg", "Ireland")
    assert Matcher(shuffled).match(*asked) == Matcher(CANDIDATES).match(*asked)


@given(st.text(max_size=40), st.text(max_size=10), st.sampled_from(["lgh", "gone", None]))
@example("Larkmoor General Hospital", "Larkmoor", "quill")
@example("Research Site", "Larkmoor", "quill")
def test_a_settled_decision_always_wins(name, city, key):
    settled = {queue_key(name, city, "Ireland"): key}
    found = Matcher(CANDIDATES, settled=settled).match(name, city, "Ireland")
    assert (found.method, found.key) == (Method.REMEMBERED, key)
    assert found.outcome is (Outcome.PLACEHOLDER if key is None else Outcome.SETTLED)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        (("Larkmoor Gen Hosp", "X", "IE"), ("LARKMOOR GENERAL HOSPITAL", "x", "Ireland"), 1),
        (("Larkmoor Hosp, Dept of A", "X", "IE"), ("Larkmoor Hospital, Ward 3", "X", "IE"), 1),
        (("Cancer Center, Larkmoor Univ", "X", "IE"), ("Cancer Center, Dunbeg Univ", "X", "IE"), 0),
        (("St Mary's Hospital", "A", "IE"), ("St Mary's Hospital", "B", "IE"), 0),
        (("St Mary's Hospital", "A", "IE"), ("St Mary's Hospital", "A", "GB"), 0),
        (("General Hospital", "Monaco", "Monaco"), ("General Hospital", "", "MC"), 1),
        (("病院", "A", "JP"), ("医院", "A", "JP"), 0),
        (("Cancer Center, Ward 3", "A", "IE"), ("Cancer Center, Dunbeg Hospital", "A", "IE"), 0),
        (("As0006 407", "A", "IE"), ("As0006 408", "A", "IE"), 0),
        (("Local Institution - 0012", "A", "IE"), ("Local Institution - 0013", "A", "IE"), 0),
        (("Research Site", "A", "IE"), ("RESEARCH SITE", "A", "IE"), 1),
    ],
)
def test_queue_key_groups_what_one_decision_settles(one, other, are_one):
    assert (queue_key(*one) == queue_key(*other)) is bool(are_one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Korea, Republic of", "South Korea"),
        ("US", "United States"),
        ("Russian Federation", "Russia"),
        ("Turkey (Türkiye)", "TR"),
        ("Hong Kong", "hk"),
        ("Côte D'Ivoire", "Cote d'Ivoire"),
    ],
)
def test_a_country_has_one_key(one, other):
    assert country_key(one) == country_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Niger", "Nigeria"), ("Guinea", "Guinea-Bissau"), ("Congo", "DR Congo"), ("Erewhon", "")],
)
def test_two_countries_have_two_keys(one, other):
    assert country_key(one) != country_key(other)


def test_the_queue_shows_home_first_then_the_most_frequent():
    waiting = [
        QueueName("A Hospital", "X", "France", 90),
        QueueName("B Hospital", "Y", "Ireland", 1),
        QueueName("C Hospital", "Y", "IE", 7),
        QueueName("D Hospital", "Y", "Ireland", 7),
    ]
    for given_order in itertools.permutations(waiting):
        assert [w.name[0] for w in home_first(given_order, "Ireland")] == ["C", "D", "B", "A"]


V1 = {
    "id": "https://ror.org/1",
    "name": "Larkmoor General Hospital",
    "types": ["Healthcare"],
    "aliases": ["Larkmoor Infirmary"],
    "acronyms": ["LGH"],
    "labels": [{"label": "Ospidéal Larkmoor", "iso639": "ga"}],
    "addresses": [{"city": "Larkmoor"}],
    "country": {"country_name": "Ireland", "country_code": "IE"},
    "relationships": [{"type": "Parent", "id": "https://ror.org/2", "label": "Larkmoor Group"}],
    "status": "active",
}
V2 = {
    "id": "https://ror.org/1",
    "types": ["healthcare"],
    "names": [
        {"value": "Larkmoor General Hospital", "types": ["ror_display", "label"]},
        {"value": "Larkmoor Infirmary", "types": ["alias"]},
        {"value": "LGH", "types": ["acronym"]},
        {"value": "Ospidéal Larkmoor", "types": ["label"]},
    ],
    "locations": [{"geonames_details": {"name": "Larkmoor", "country_name": "Ireland"}}],
    "relationships": [{"type": "parent", "id": "https://ror.org/2", "label": "Larkmoor Group"}],
    "status": "active",
}


def test_both_shapes_of_ror_say_the_same():
    (one,), (other,) = ror_candidates([V1]), ror_candidates([V2])
    assert one == other
    assert one.aliases == ("Larkmoor Infirmary", "Ospidéal Larkmoor")
    assert (one.kinds, one.parents, one.children) == (("healthcare",), ("https://ror.org/2",), ())


def without(record, field):
    return {name: value for name, value in record.items() if name != field}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (without(V1, "id"), "record 1 (no id): the field 'id' is missing"),
        (without(V1, "name"), "the field 'name' is missing"),
        (without(V1, "country"), "the field 'country' is missing"),
        (without(V2, "locations"), "the field 'locations' is missing"),
        (V2 | {"id": "x", "locations": []}, "record 1 (x): a field has another shape"),
        (V2 | {"id": "x", "names": V2["names"][1:]}, "0 names marked ror_display"),
        (V1 | {"id": "x", "name": 7}, "text expected, found int"),
        (V1 | {"id": "x", "aliases": [None]}, "text expected, found NoneType"),
        (V1 | {"id": "x", "country": "Ireland"}, "a field has another shape"),
        (V1, "the id stands twice"),
        ("text", "expected an object, found str"),
        (None, "expected an object, found NoneType"),
    ],
)
def test_a_broken_ror_record_is_refused_by_name(record, said):
    with pytest.raises(RorRecordError) as caught:
        ror_candidates([V1, record])
    assert said in str(caught.value)
    assert caught.value.position == 1


def test_withdrawn_records_are_left_out_unless_asked_for():
    gone = V1 | {"id": "https://ror.org/9", "status": "withdrawn"}
    assert [c.key for c in ror_candidates([V1, gone])] == [V1["id"]]
    assert len(ror_candidates([V1, gone], statuses=frozenset({"active", "withdrawn"}))) == 2


def test_every_record_of_the_ror_file_is_read(ror):
    path = shared_path("data/ror/ror_singapore_records.json")
    records = json.loads(path.read_text(encoding="utf-8"))
    usable = {record["id"] for record in records if record["status"] != "withdrawn"}
    assert {candidate.key for candidate in ror} == usable
    assert {country_key(candidate.country) for candidate in ror} == {"SG"}


def test_every_name_of_ror_finds_its_own_record(ror, ror_matcher):
    for candidate in ror:
        found = ror_matcher.match(candidate.name, candidate.city, candidate.country)
        vague = matching_names.is_vague(normalise(candidate.name))
        expected = Outcome.PROPOSED if vague else Outcome.SETTLED
        assert (found.key, found.outcome) == (candidate.key, expected), candidate.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SGH", "Singapore General Hospital"),
        ("Singapore General Hospital, Department of Haematology", "Singapore General Hospital"),
        ("Singapore Gen Hosp", "Singapore General Hospital"),
        ("National Cancer Centre - Singapore", "National Cancer Centre Singapore"),
        ("National Cancer Center Singapore", "National Cancer Centre Singapore"),
    ],
)
def test_spellings_of_one_body_meet_on_ror_names_alone(ror, ror_matcher, name, expected):
    found = ror_matcher.match(name, "Singapore", "Singapore")
    assert (found.outcome, found.key) == (Outcome.SETTLED, by_name(ror, expected))


@pytest.mark.parametrize(
    ("name", "city", "country"),
    [
        ("National University Hospital", "Singapore", "Singapore"),
        ("General Hospital", "Singapore", "Singapore"),
        ("Tan Tock Seng Hospital", "Singapore", "Singapore"),
        ("Mount Sinai", "New York", "United States"),
        ("National Cancer Center", "Goyang", "Korea, Republic of"),
        ("SGH", "Boston", "United States"),
        ("Singapore General Hospital", "Boston", "United States"),
    ],
)
def test_a_body_that_ror_does_not_hold_is_left_open(ror_matcher, name, city, country):
    found = ror_matcher.match(name, city, country)
    assert (found.outcome, found.key) == (Outcome.UNRESOLVED, None)


def test_no_rule_names_a_country():
    rules = Path(matching_words.__file__).parent
    read = {p.name: p.read_text(encoding="utf-8").casefold() for p in rules.glob("matching*.py")}
    assert [name for name, text in read.items() if "singapore" in text] == []


@pytest.mark.parametrize(
    "filler",
    [
        "Department of Surgery, ",
        "department of ",
        " at the ",
        "site ",
        " 12 ",
        "(",
        ") ",
        " - ",
        "a.",
    ],
)
def test_a_text_of_a_million_letters_is_answered_without_delay(matcher, filler):
    long = "Larkmoor General Hospital, " + filler * (1_000_000 // len(filler))
    started = time.perf_counter()
    matcher.match(long, *NOWHERE)
    queue_key(long, long, long)
    assert time.perf_counter() - started < 5


def test_the_longest_text_keeps_the_institution_it_opens_with(matcher):
    long = "Larkmoor General Hospital, " + "Department of Surgery, " * 10_000
    assert matcher.match(long, *NOWHERE).key == "lgh"


def test_the_example_in_the_rules_is_true():
    assert doctest.testmod(matching) == (0, 3)


def test_the_labelled_names_are_200_in_equal_halves_and_copy_no_registry():
    path = CHECKOUT / "bench" / "data" / "location_labels.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    names = [row for row in rows if row["role"] == "name"]
    organisations = {f"org:{row['id']}" for row in rows if row["role"] == "organisation"}
    assert len({row["id"] for row in rows}) == len(rows)
    assert Counter(row["split"] for row in names) == {"tune": 100, "held-out": 100}
    assert all(bool(row["text"]) != bool(row["registry_no"]) for row in names)
    assert {row["label"] for row in names if row["label"].startswith("org:")} <= organisations


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Rule of three's exact form, and the symmetrical case of Clopper and Pearson's chart.
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129)],
)
def test_the_interval_of_the_report_is_exact(hits, n, low, high):
    assert exact_interval(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_guesses_beside_an_open_name_are_called_guesses():
    matcher = Matcher([Candidate("1", "Larkmoor University", (), (), "Exton", "Ireland")])
    near = matcher.match("Larkmoor School of Medicine", "Exton", "Ireland")
    assert near.outcome is Outcome.UNRESOLVED
    assert near.alternatives
    assert near.reason.startswith("Some organisations bear names a little like this one")
    far = matcher.match("Zebrano Pavilion Heart", "Exton", "Ireland")
    assert (far.alternatives, far.reason) == (
        (),
        "No organisation of that country bears a name like this one.",
    )


@pytest.mark.parametrize(
    ("name", "outcome", "key"),
    [
        ("Larkmoor Children's Hospital at Exton University", Outcome.SETTLED, "child"),
        ("Brindle Institute at Exton University", Outcome.PROPOSED, "uni"),
        ("Heart Center at Exton University", Outcome.SETTLED, "uni"),
        ("University of Larkmoor at Brindle", Outcome.UNRESOLVED, None),
        ("Brindle Research at Larkmoor", Outcome.UNRESOLVED, None),
        ("The Quillon NHS Foundation Trust", Outcome.SETTLED, "trust"),
        ("Quillon Foundation", Outcome.UNRESOLVED, None),
    ],
)
def test_what_stands_at_a_body_and_a_trusts_legal_form(name, outcome, key):
    matcher = Matcher(
        [
            Candidate("child", "Larkmoor Children's Hospital", (), (), "Exton", "Ireland"),
            Candidate("uni", "Exton University", (), (), "Exton", "Ireland"),
            Candidate("trust", "Quillon NHS Trust", (), (), "Exton", "Ireland"),
        ]
    )
    found = matcher.match(name, "Exton", "Ireland")
    assert (found.outcome, found.key) == (outcome, key), found
