"""Trial numbers and whose they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialformats.registries import Registry, fault_of, registry_of


@pytest.mark.parametrize(
    ("text", "registry", "number"),
    [
        ("NCT01234567", Registry.CTGOV, "NCT01234567"),
        (" nct 01234567 ", Registry.CTGOV, "NCT01234567"),
        ("2015-001894-41", Registry.EUCTR, "2015-001894-41"),
        ("EudraCT No. 2015-001894-41", Registry.EUCTR, "2015-001894-41"),
        ("EudraCT Number: 2015-001894-41", Registry.EUCTR, "2015-001894-41"),
        ("EUCTR2015-001894-41-DE", Registry.EUCTR, "2015-001894-41"),
        ("2022-500123-12-00", Registry.CTIS, "2022-500123-12-00"),
        ("2023-503456-78", Registry.CTIS, "2023-503456-78"),
        ("ISRCTN12345678", Registry.ISRCTN, "ISRCTN12345678"),
        ("ACTRN12605000001640p", Registry.ANZCTR, "ACTRN12605000001640"),
        ("ChiCTR2000029308", Registry.CHICTR, "ChiCTR2000029308"),
        ("chictr-trc-08000001", Registry.CHICTR, "ChiCTR-TRC-08000001"),
        ("CTRI/2020/03/024000", Registry.CTRI, "CTRI/2020/03/024000"),
        ("jRCT1031180001", Registry.JRCT, "jRCT1031180001"),
        ("jRCTs031180001", Registry.JRCT, "jRCTs031180001"),
        ("JPRN-jRCTs031180001", Registry.JRCT, "jRCTs031180001"),
        ("UMIN000001234", Registry.UMIN, "UMIN000001234"),
        ("JPRN-UMIN000001234", Registry.UMIN, "UMIN000001234"),
        ("JapicCTI-123456", Registry.JAPIC, "JapicCTI-123456"),
        ("JMA-IIA00123", Registry.JMA, "JMA-IIA00123"),
        ("DRKS00000123", Registry.DRKS, "DRKS00000123"),
        ("NTR1234", Registry.NTR, "NTR1234"),
        ("NL-OMON12345", Registry.NTR, "NL-OMON12345"),
        ("NL1234", Registry.NTR, "NL1234"),
        ("KCT0001234", Registry.CRIS, "KCT0001234"),
        ("PACTR201401000743303", Registry.PACTR, "PACTR201401000743303"),
        ("TCTR20140102001", Registry.TCTR, "TCTR20140102001"),
        ("SLCTR/2007/001", Registry.SLCTR, "SLCTR/2007/001"),
        ("IRCT20080901001165N12", Registry.IRCT, "IRCT20080901001165N12"),
        ("RBR-2abc3d", Registry.REBEC, "RBR-2abc3d"),
        ("RPCEC00000123", Registry.RPCEC, "RPCEC00000123"),
        ("PER-010-19", Registry.REPEC, "PER-010-19"),
        ("LBCTR2019030209", Registry.LBCTR, "LBCTR2019030209"),
        ("ITMCTR2024000123", Registry.ITMCTR, "ITMCTR2024000123"),
        ("PHRR200101-000123", Registry.PHRR, "PHRR200101-000123"),
        ("U1111-1234-5678", Registry.UTN, "U1111-1234-5678"),
        ("UTN: U1111-1234-5678", Registry.UTN, "U1111-1234-5678"),
    ],
)
def test_a_number_is_recognised_and_written_as_its_register_writes_it(text, registry, number):
    assert registry_of(text) == (registry, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NCT1234567",
        "NCT012345678",
        "see NCT01234567",
        "2015-001894",
        "ISRCTN1234567",
        "ACTRN1260500000164",
        "MT1999-06",
        "M01RR003186",
        "U01 CA 12345",
        "CDR0000067890",
        "NCI-2009-00123",
        "J1234",
        "PER-10-19",
        "１２３",
        "NCT" + "0" * 1000,
    ],
)
def test_a_number_of_no_register_is_left_alone(text):
    assert registry_of(text) is None


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_none_and_a_number_stays_itself(text):
    found = registry_of(text)
    if found:
        assert registry_of(found[1]) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NCT999", "'NCT999' has 3 digits after NCT; a number that begins so has 8: NCT01234567."),
        ("nct 0123456", "has 7 digits"),
        ("ISRCTN1", "has 1 digit after"),
        ("U1111-1234", "has 4 digits after U1111"),
        ("jRCT103", "jRCT1031180001"),
        ("CTRI/2020/1", "CTRI/2020/03/024000"),
        ("NCT-0123-4567", "is not written as its registry writes it"),
        ("NCT01234567", ""),
        ("2015-001894-41", ""),
        ("NCTN-7", ""),
        ("GRANT/7", ""),
        ("", ""),
        ("NCT" + "9" * 70, ""),
    ],
)
def test_a_number_that_only_begins_like_a_registers_is_told_so(text, said):
    found = fault_of(text)
    assert said in found
    assert bool(found) is bool(said)


@given(st.text(max_size=70))
def test_what_a_register_knows_is_never_at_fault(text):
    assert not (registry_of(text) and fault_of(text))
