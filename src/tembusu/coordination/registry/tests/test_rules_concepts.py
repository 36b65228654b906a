"""Which descriptors conditions and keywords name, also within longer texts."""

import pytest

from tembusu.coordination.registry.rules import concepts

PHRASES = {
    phrase: (descriptor,)
    for phrase, descriptor in (
        ("myocardial infarction", "infarction"),
        ("st elevation myocardial infarction", "stemi"),
        ("stemi", "stemi"),
        ("breast cancer", "breast"),
        ("cancer", "neoplasms"),
        ("cancer pain", "cancer pain"),
        ("lung cancer", "lung"),
        ("carcinoma non small cell lung", "nsclc"),
        ("non small cell lung cancer", "nsclc"),
        ("malignant breast neoplasm", "breast"),
        ("esophageal cancer", "esophagus"),
        ("tuberculosis", "tuberculosis"),
        ("mdr tuberculosis", "mdr"),
        ("influenza", "influenza"),
        ("hepatitis c", "hepatitis c"),
        ("hiv", "hiv"),
        ("aids", "aids"),
        ("disease", "disease"),
        ("syndrome", "disease"),
        ("adult", "adult"),
        ("cat", "cats"),
        ("time", "time"),
        ("arc", "aids-related complex"),
        ("eclampsia", "eclampsia"),
        ("pre eclampsia", "pre-eclampsia"),
    )
}
TELLING = {
    *("stemi", "infarction", "neoplasms", "tuberculosis", "influenza"),
    *("hiv", "aids", "aids-related complex", "eclampsia"),
}
CASES = [
    # the whole
    ("Breast Cancer", ["breast"]),
    ("BREAST CANCERS", ["breast"]),
    ("Oesophageal cancer", ["esophagus"]),
    ("Carcinoma, Non-Small-Cell Lung", ["nsclc"]),
    ("Adult", ["adult"]),
    # the longest run within it
    ("Metastatic Breast Cancer", ["breast"]),
    ("stage IV oesophageal cancers", ["esophagus"]),
    ("ST-Elevation Myocardial Infarction", ["stemi"]),
    ("Advanced non-small cell lung cancer", ["nsclc"]),
    ("Metastatic cancer", ["neoplasms"]),
    ("Cancer of unknown primary", ["neoplasms"]),
    ("Chronic hepatitis C", ["hepatitis c"]),
    # parted
    ("Myocardial Infarction (MI)", ["infarction"]),
    ("ST-Elevation Myocardial Infarction (STEMI)", ["stemi"]),
    ("Malignant (female) breast neoplasm", ["breast"]),
    ("Pain [cancer pain]", ["cancer pain"]),
    ("Breast cancer, lung cancer", ["breast", "lung"]),
    ("breast cancer; lung cancer", ["breast", "lung"]),
    ("HIV/AIDS", ["hiv", "aids"]),
    ("Myocardial, infarction of the wall", []),
    ("Breast cancer (", ["breast"]),
    # in short
    ("TB", ["tuberculosis"]),
    ("Latent TB", ["tuberculosis"]),
    ("MDR-TB", ["mdr"]),
    ("Seasonal flu", ["influenza"]),
    # one word of everyday
    ("Adult lymphatic disorder", []),
    ("CAT scan", []),
    ("Doubling time", []),
    ("Rare disease of the eye", []),
    ("Aids for the visually impaired", []),
    ("AIDS prevention", ["aids"]),
    ("Arc therapy", []),
    ("hiv prevention", []),
    # denied
    ("Chronic non-cancer pain", []),
    ("Non-cancer patients", []),
    ("HIV negative", []),
    ("Cancer-free survivors", []),
    ("Pre-eclampsia", ["pre-eclampsia"]),
    ("Pre eclampsia of the young", ["pre-eclampsia"]),
    ("Post-eclampsia care", ["eclampsia"]),
    # nothing
    ("", []),
    ("()", []),
    ("Insomnia", []),
    ("鼻咽癌", []),
]


@pytest.mark.parametrize(("name", "expected"), CASES)
def test_the_longest_runs_of_words_name_concepts(name, expected):
    assert concepts.named(name, PHRASES, TELLING) == expected


@pytest.mark.parametrize(("name", "expected"), CASES)
def test_what_is_asked_of_the_thesaurus_is_enough_to_name_them(name, expected):
    asked = concepts.asked([name])
    some = {phrase: uis for phrase, uis in PHRASES.items() if phrase in asked}
    assert concepts.named(name, some, TELLING) == expected


@pytest.mark.parametrize(
    ("tree_numbers", "expected"),
    [
        (["C04"], True),
        (["C14.280.647.500"], True),
        (["F03.080"], True),
        (["B04.820"], True),
        (["F01.470"], False),
        (["M01.060.116"], False),
        (["B01.050"], False),
        (["C23.550.288"], False),
        (["C23.550.288.500"], False),
        (["C23.550.291.781", "C08.381"], True),
        ([], False),
    ],
)
def test_one_word_tells_an_illness_or_its_cause(tree_numbers, expected):
    assert concepts.is_telling(tree_numbers) is expected
