import uuid

import pytest

from tembusu.foundation.core import vault
from tembusu.foundation.core.models import PersonKey
from tembusu.foundation.core.tests.cast import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    vault.field_keys.cache_clear()
    yield settings.FIELD_KEYS_FILE
    vault.field_keys.cache_clear()


@pytest.fixture
def owner():
    made = uuid.uuid4()
    vault.make_key(owner=made, at=AT)
    return made


def test_what_is_sealed_is_read_again_and_stands_nowhere_in_the_clear(owner):
    sealed = vault.seal("+65 6123 4567", owner=owner, purpose="phone")
    assert "6123" not in sealed
    assert vault.unseal(sealed, owner=owner, purpose="phone") == "+65 6123 4567"


def test_the_same_text_seals_differently_each_time(owner):
    sealed = [vault.seal("same", owner=owner, purpose="note") for _ in range(2)]
    assert sealed[0] != sealed[1]


def test_a_field_of_another_purpose_or_person_is_not_read(owner):
    other = uuid.uuid4()
    vault.make_key(owner=other, at=AT)
    sealed = vault.seal("secret", owner=owner, purpose="phone")
    with pytest.raises(vault.WrongKey):
        vault.unseal(sealed, owner=owner, purpose="address")
    with pytest.raises(vault.WrongKey):
        vault.unseal(sealed, owner=other, purpose="phone")


def test_destroying_the_key_erases_the_person_for_good(owner):
    sealed = vault.seal("secret", owner=owner, purpose="phone")
    vault.destroy_key(owner=owner, at=AT)
    with pytest.raises(vault.Erased):
        vault.unseal(sealed, owner=owner, purpose="phone")
    with pytest.raises(vault.Erased):
        vault.make_key(owner=owner, at=AT)
    assert PersonKey.objects.get(owner=owner).wrapped is None


def test_older_field_keys_still_read_after_a_new_one_was_made(owner, keys):
    sealed = vault.seal("secret", owner=owner, purpose="phone")
    vault.make_field_keys(keys)
    assert len(keys.read_text().split()) == 2
    assert vault.unseal(sealed, owner=owner, purpose="phone") == "secret"


def test_a_lost_field_key_is_named(owner, keys):
    sealed = vault.seal("secret", owner=owner, purpose="phone")
    keys.unlink()
    vault.field_keys.cache_clear()
    with pytest.raises(vault.WrongKey, match=PersonKey.objects.get(owner=owner).wrapped_by):
        vault.unseal(sealed, owner=owner, purpose="phone")


def test_a_lost_key_file_is_not_made_anew_while_people_need_it(owner, keys):
    keys.unlink()
    vault.field_keys.cache_clear()
    with pytest.raises(vault.WrongKey, match="is missing"):
        vault.make_key(owner=uuid.uuid4(), at=AT)
    assert not keys.exists()
    assert sum(vault.strange_wrappings().values()) == 1


@pytest.mark.parametrize("text", ["nonsense", "bm8ga2V5\n", "=\n"])
def test_a_damaged_key_file_is_named(owner, keys, text):
    keys.write_text(text)
    vault.field_keys.cache_clear()
    with pytest.raises(vault.WrongKey, match="holds what is no key"):
        vault.strange_wrappings()


def test_the_key_file_is_readable_by_its_owner_alone(owner, keys):
    assert keys.stat().st_mode & 0o777 == 0o600
