from base64 import urlsafe_b64encode
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given, strategies as st

from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mailstore.sealing import OVERHEAD_BYTES, WRAPPED_BYTES, KeyRing, key_id_of, new_key

MESSAGE, OTHER_MESSAGE = UUID(int=1), UUID(int=2)
REVISION, OTHER_REVISION = UUID(int=3), UUID(int=4)
OLD, NEW = new_key(), new_key()
RING = KeyRing.parse([OLD])


@given(content=st.binary(max_size=2000), message_id=st.uuids(), revision_id=st.uuids())
def test_what_was_sealed_opens_to_the_same_bytes(content, message_id, revision_id):
    key = RING.new_data_key(message_id)
    sealed = key.seal(revision_id, content)
    assert len(sealed) == len(content) + OVERHEAD_BYTES
    assert RING.open_data_key(message_id, key.wrapped).open(revision_id, sealed) == content


@given(content=st.binary(max_size=200), data=st.data())
def test_sealed_bytes_with_one_bit_changed_do_not_open(content, data):
    key = RING.new_data_key(MESSAGE)
    sealed = bytearray(key.seal(REVISION, content))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ContentUnreadable):
        key.open(REVISION, bytes(sealed))


@given(bit=st.integers(0, WRAPPED_BYTES * 8 - 1))
def test_a_wrapped_key_with_one_bit_changed_does_not_open(bit):
    wrapped = bytearray(RING.new_data_key(MESSAGE).wrapped)
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ContentUnreadable):
        RING.open_data_key(MESSAGE, bytes(wrapped))


@given(length=st.integers(0, OVERHEAD_BYTES + 5))
def test_sealed_bytes_cut_short_do_not_open(length):
    key = RING.new_data_key(MESSAGE)
    sealed = key.seal(REVISION, b"ten bytes.")
    with pytest.raises(ContentUnreadable):
        key.open(REVISION, sealed[:length])


@pytest.mark.parametrize("length", [0, 7, 8, 20, WRAPPED_BYTES - 1])
def test_a_wrapped_key_cut_short_does_not_open(length):
    with pytest.raises(ContentUnreadable):
        RING.open_data_key(MESSAGE, RING.new_data_key(MESSAGE).wrapped[:length])


def test_content_moved_to_another_revision_does_not_open():
    key = RING.new_data_key(MESSAGE)
    with pytest.raises(ContentUnreadable, match=str(OTHER_REVISION)):
        key.open(OTHER_REVISION, key.seal(REVISION, b"for one revision"))


def test_a_key_moved_to_another_message_does_not_open():
    with pytest.raises(ContentUnreadable, match=str(OTHER_MESSAGE)):
        RING.open_data_key(OTHER_MESSAGE, RING.new_data_key(MESSAGE).wrapped)


def test_the_same_content_is_never_sealed_to_the_same_bytes():
    key = RING.new_data_key(MESSAGE)
    assert len({key.seal(REVISION, b"the same") for _ in range(100)}) == 100


def test_each_message_has_a_key_of_its_own():
    content = RING.new_data_key(MESSAGE).seal(REVISION, b"secret")
    with pytest.raises(ContentUnreadable):
        RING.new_data_key(MESSAGE).open(REVISION, content)


def test_an_older_key_of_the_ring_still_opens():
    wrapped = RING.new_data_key(MESSAGE).wrapped
    assert KeyRing.parse([NEW, OLD]).open_data_key(MESSAGE, wrapped).wrapped == wrapped


def test_a_rewrapped_key_opens_the_old_content_without_the_old_master_key():
    key = RING.new_data_key(MESSAGE)
    sealed = key.seal(REVISION, b"sealed before")
    wrapped = KeyRing.parse([NEW, OLD]).rewrap(MESSAGE, key.wrapped)
    assert KeyRing.parse([NEW]).open_data_key(MESSAGE, wrapped).open(REVISION, sealed) == b"sealed before"


def test_a_key_that_is_not_in_the_ring_is_named():
    wrapped = RING.new_data_key(MESSAGE).wrapped
    with pytest.raises(
        ContentUnreadable, match=f"master key {key_id_of(wrapped).hex()}, which MAILHOLD_SEALING_KEYS"
    ):
        KeyRing.parse([NEW]).open_data_key(MESSAGE, wrapped)


def test_keys_are_not_in_the_repr():
    assert "AESGCM" not in repr(RING) + repr(RING.new_data_key(MESSAGE))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "not base64 but forty-four characters long!!!",
        urlsafe_b64encode(bytes(31)).decode(),
        urlsafe_b64encode(bytes(33)).decode(),
        NEW[:-4] + "ü" + NEW[-3:],
    ],
    ids=["nothing", "short", "no_base64", "31_bytes", "33_bytes", "no_ascii"],
)
def test_a_wrong_key_is_refused_with_a_sentence_that_does_not_show_it(text):
    with pytest.raises(ImproperlyConfigured) as caught:
        KeyRing.parse([NEW, text])
    assert str(caught.value).startswith("Key 2 in MAILHOLD_SEALING_KEYS is not 32 bytes")
    assert not text or text not in str(caught.value)


def test_a_key_without_its_padding_is_the_same_key():
    assert KeyRing.parse([NEW.rstrip("=")]).newest.key_id == KeyRing.parse([NEW]).newest.key_id


def test_an_empty_ring_is_refused():
    with pytest.raises(ImproperlyConfigured, match="MAILHOLD_SEALING_KEYS is empty"):
        KeyRing.parse([])
