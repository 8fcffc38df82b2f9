"""Receipts prove inclusion, and the published list says nothing about order."""

import hashlib
import random

import pytest

from survey_app.seals import receipts
from survey_app.seals.errors import Mistyped


def test_the_leaf_is_the_hash_the_design_names() -> None:
    inner = hashlib.sha256(b"credential").digest() + hashlib.sha256(b"sealed").digest()
    assert receipts.leaf_of(b"credential", b"sealed") == hashlib.sha256(b"\x00" + inner).digest()


def test_a_leaf_can_be_audited_without_the_ballot() -> None:
    kept = receipts.sealed_hash(b"sealed")
    assert receipts.leaf(receipts.cred_hash(b"m"), kept) == receipts.leaf_of(b"m", b"sealed")
    with pytest.raises(ValueError, match="SHA-256"):
        receipts.leaf(b"m", kept)


def test_a_receipt_finds_its_leaf_as_people_type_it() -> None:
    leaves = [receipts.leaf_of(bytes([i]), b"sealed") for i in range(200)]
    for value in leaves:
        shown = receipts.receipt(value)
        assert [len(group) for group in shown.split("-")] == [4] * 4
        found = [leaf for leaf in leaves if leaf.startswith(receipts.receipt_prefix(shown.lower()))]
        assert found == [value]


def test_a_receipt_of_another_length_is_refused() -> None:
    with pytest.raises(Mistyped):
        receipts.receipt_prefix("ABCD-EFGH")


def test_the_digest_does_not_depend_on_the_order_and_notices_every_change() -> None:
    leaves = [receipts.leaf_of(bytes([i]), b"sealed") for i in range(50)]
    digest = receipts.list_digest(leaves)
    shuffled = random.Random(3).sample(leaves, len(leaves))
    assert receipts.list_digest(shuffled) == digest
    assert receipts.published(shuffled) == sorted(leaves)
    assert receipts.list_digest(leaves[1:]) != digest
    assert receipts.list_digest([*leaves, leaves[0]]) != digest
