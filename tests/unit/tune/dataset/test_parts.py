"""Parts are the same on every machine."""

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tune.dataset.upload.parts import UploadPart, checksum_of, part_bytes

MIB = 1 << 20


@given(st.integers(1, 5_000_000_000_000))
def test_every_file_has_parts_that_s3_takes(size: int) -> None:
    each = part_bytes(size)
    assert each % MIB == 0
    assert 5 * MIB <= each <= 5 * 1024 * MIB
    assert -(-size // each) <= 10_000


def test_the_size_of_parts_is_never_changed() -> None:
    # Otherwise an upload that was broken off with an older version starts again from nothing.
    sizes = (1, 8 * MIB, 80_000 * MIB, 80_000 * MIB + 1, 100_000 * MIB)
    assert [part_bytes(size) // MIB for size in sizes] == [8, 8, 8, 9, 10]


def test_a_part_is_there_only_with_the_same_bytes() -> None:
    data = b"any data"
    listed = {"PartNumber": 3, "Size": len(data), "ETag": '"x"', "ChecksumSHA256": checksum_of(data)}
    assert UploadPart.listed(listed).holds(data, checksum_of(data))
    assert not UploadPart.listed(listed).holds(b"any dat", checksum_of(b"any dat"))
    assert not UploadPart.listed({**listed, "Size": 7}).holds(data, checksum_of(data))
    del listed["ChecksumSHA256"]
    assert not UploadPart.listed(listed).holds(data, checksum_of(data))


def test_the_checksum_is_what_s3_takes() -> None:
    assert base64.b64decode(checksum_of(b"any data")) == hashlib.sha256(b"any data").digest()
