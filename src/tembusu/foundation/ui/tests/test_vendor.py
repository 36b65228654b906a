import pytest

from tembusu.foundation.ui import vendor


def test_every_file_is_copied(tmp_path):
    for name in vendor.FILES:
        source = tmp_path / "modules" / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(name)
    copied = vendor.copy(tmp_path / "modules", tmp_path / "out")
    assert {path.name for path in copied} == set(vendor.FILES.values())
    assert (tmp_path / "out" / "htmx.min.js").read_text() == "htmx.org/dist/htmx.min.js"


def test_a_missing_package_is_named_and_nothing_is_copied(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"htmx.*npm ci"):
        vendor.copy(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
