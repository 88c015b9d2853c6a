"""Where files lie: in a folder of this machine, or on object storage under an address.

A local path is read and written as it is; a file appears under its name whole and on the disk, or
not at all. An address such as `s3://bucket/archive` is handled by fsspec, which the extra `ray`
brings along; there a file appears when it was sent completely, which object storage does by itself.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import polars as pl

from engine.errors import InputError, SettingError
from service.on_disk import sha256_of, sync

DRAFT = ".draft-"
"""Start of the names of files that are not whole yet."""

_CHUNK_BYTES = 1 << 22
"""Read at once of a file on object storage (estimate)."""


@dataclass(frozen=True)
class Place:
    """A file or a folder.

    Attributes
    ----------
    url : a path, or an address with a protocol.
    """

    url: str

    @property
    def is_local(self) -> bool:
        """Whether it is a plain path of this machine."""
        return "://" not in self.url

    @property
    def path(self) -> Path:
        """The path of a local place."""
        return Path(self.url)

    @property
    def name(self) -> str:
        """Last part of the path."""
        return PurePosixPath(self.url).name

    def at(self, *names: str) -> Place:
        """A place below this one."""
        return Place("/".join((self.url.rstrip("/"), *names)))

    def below(self, folder: Place) -> str:
        """The way from a folder to this place."""
        return self.url.removeprefix(folder.url).lstrip("/")

    def exists(self) -> bool:
        """Whether anything is there."""
        if self.is_local:
            return self.path.exists()
        return bool(_storage(self.url).exists(self.url))

    def files(self) -> list[Place]:
        """All files below a folder, drafts and hidden ones left out, by name."""
        if self.is_local:
            found = (self.at(*p.relative_to(self.path).parts) for p in self.path.rglob("*")
                     if p.is_file())  # fmt: skip
        else:
            storage = _storage(self.url)
            root = storage._strip_protocol(self.url).rstrip("/")
            names = storage.find(root) if storage.exists(root) else ()
            found = (self.at(name.removeprefix(root).lstrip("/")) for name in names)
        shown = (place for place in found if not _is_hidden(place.below(self)))
        return sorted(shown, key=lambda place: place.url)

    def read(self) -> bytes:
        """All bytes of a file.

        Raises
        ------
        InputError
            It cannot be read.
        """
        try:
            if self.is_local:
                return self.path.read_bytes()
            return bytes(_storage(self.url).cat_file(self.url))
        except OSError as problem:
            raise InputError(f"{self.url} cannot be read: {problem}.", "Check it.") from problem

    def sha256(self) -> str:
        """SHA-256 of a file."""
        if self.is_local:
            return sha256_of(self.path)
        digest = hashlib.sha256()
        with _storage(self.url).open(self.url, "rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def source(self) -> Path | io.BytesIO:
        """What polars reads a table from."""
        return self.path if self.is_local else io.BytesIO(self.read())

    def frame(self) -> pl.DataFrame:
        """A Parquet table that `keep` wrote."""
        return pl.read_parquet(self.source(), hive_partitioning=False)

    def write(self, content: bytes) -> None:
        """Write a file whole or not at all."""
        if not self.is_local:
            _storage(self.url).pipe_file(self.url, content)
            return
        with self._draft() as draft:
            draft.write_bytes(content)

    def keep(self, rows: pl.DataFrame, *, lasts: bool = True) -> None:
        """Write a table as Parquet, quick to read (LZ4), whole or not at all.

        Parameters
        ----------
        lasts : whether it must outlast a failure of the power, too.
        """
        if self.is_local:
            with self._draft(lasts=lasts) as draft:
                rows.write_parquet(draft, compression="lz4", statistics=True)
            return
        content = io.BytesIO()
        rows.write_parquet(content, compression="lz4", statistics=True)
        self.write(content.getvalue())

    def put(self, file: Path) -> None:
        """Write what a local file holds, whole or not at all."""
        if not self.is_local:
            _storage(self.url).put_file(str(file), self.url)
            return
        with self._draft() as draft:
            shutil.copyfile(file, draft)

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """A local file with the same content and the same ending."""
        if self.is_local:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="triage-") as folder:
            path = Path(folder) / self.name
            _storage(self.url).get_file(self.url, str(path))
            yield path

    def remove(self) -> None:
        """Take a file or a folder away, if it is there."""
        if self.is_local:
            if self.path.is_dir():
                shutil.rmtree(self.path, ignore_errors=True)
            else:
                self.path.unlink(missing_ok=True)
            return
        storage = _storage(self.url)
        if storage.exists(self.url):
            storage.rm(self.url, recursive=True)

    @contextmanager
    def _draft(self, *, lasts: bool = True) -> Iterator[Path]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{DRAFT}{secrets.token_hex(4)}-{self.path.name}")
        try:
            yield draft
            if lasts:
                sync(draft)
            os.replace(draft, self.path)
            if lasts:
                sync(self.path.parent)
        finally:
            draft.unlink(missing_ok=True)


def file_name(text: str) -> str:
    """A text as the name of a file: nothing of it steers a path, and no two texts share one."""
    return quote(text, safe="").replace(".", "%2E")


def clear_drafts(folder: Place) -> None:
    """Take away what killed processes left half written."""
    if folder.is_local:
        for draft in folder.path.rglob(f"{DRAFT}*"):
            draft.unlink(missing_ok=True)


def _is_hidden(way: str) -> bool:
    return any(part.startswith((".", "_")) for part in way.split("/"))


def _storage(url: str) -> Any:
    """The file system behind an address.

    Raises
    ------
    SettingError
        fsspec, or what it needs for this protocol, is not installed.
    """
    try:
        import fsspec

        # Folders are made as they are needed, which object storage does not know.
        options = {"auto_mkdir": True} if url.startswith("file:") else {}
        return fsspec.core.url_to_fs(url, **options)[0]
    except (ImportError, ValueError) as problem:
        raise SettingError(
            f"{url} cannot be reached: {problem}.",
            "Install the extra with `pip install --require-hashes -r requirements-ray.lock`, or "
            "give a path of this machine.",
        ) from problem
