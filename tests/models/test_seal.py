"""A saved model is read only if it is, to the byte, what was sealed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.errors import StateError
from models.seal import MANIFEST, SIGNATURE, check_seal, public_key, seal, signing_key

KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model" / "trees").mkdir(parents=True)
    (tmp_path / "model" / "model.json").write_text("{}")
    (tmp_path / "model" / "trees" / "any.txt").write_text("tree")
    seal(tmp_path / "model", KEY)
    return tmp_path / "model"


def test_an_untouched_folder_passes_and_is_named_the_same_each_time(folder: Path) -> None:
    assert check_seal(folder, KEY.public_key()) == check_seal(folder, KEY.public_key())


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("trees/any.txt", "tred", "trees/any.txt differs"),
        ("trees/new.txt", "more", "trees/new.txt was not there"),
        (MANIFEST, '{"files": {}}', "was not made by this installation"),
        (SIGNATURE, "00" * 64, "was not made by this installation"),
        (SIGNATURE, "no hexadecimal digits", "was not made by this installation"),
    ],
)
def test_a_changed_folder_is_refused_and_the_file_named(
    folder: Path, name: str, content: str, told: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises(StateError, match=told):
        check_seal(folder, KEY.public_key())


def test_a_missing_file_a_link_and_another_key_are_refused(folder: Path) -> None:
    with pytest.raises(StateError, match="not made by this installation"):
        check_seal(folder, Ed25519PrivateKey.generate().public_key())
    (folder / "model.json").rename(folder.parent / "model.json")
    with pytest.raises(StateError, match=r"model\.json is missing"):
        check_seal(folder, KEY.public_key())
    (folder / "model.json").symlink_to(folder.parent / "model.json")
    with pytest.raises(StateError, match=r"model\.json differs"):
        check_seal(folder, KEY.public_key())


def test_without_a_seal_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no seal") as refused:
        check_seal(tmp_path, KEY.public_key())
    assert "triage promote" in refused.value.way_out


def test_the_key_is_drawn_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    private, public = tmp_path / "model-signing.key", tmp_path / "model-signing.pub"
    first, second = signing_key(private, public), signing_key(private, public)
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert public_key(public).public_bytes_raw() == first.public_key().public_bytes_raw()
    private.unlink()
    with pytest.raises(StateError, match="gone or damaged"):
        signing_key(private, public)


def test_two_parts_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    private, public = tmp_path / "model-signing.key", tmp_path / "model-signing.pub"
    signing_key(private, public)
    public.write_text(KEY.public_key().public_bytes_raw().hex())
    with pytest.raises(StateError, match="not of one key"):
        signing_key(private, public)
