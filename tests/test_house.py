"""The house as a whole: names, packages, words, and nothing of the machine it was built on."""

from __future__ import annotations

import ast
import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("engine", "features", "synthetic", "models", "service")
PACKAGES = (*ROOMS, "tests")
TEXTS = {".py", ".md", ".toml", ".lock", ".csv", ".json", ".html", ".txt", ".cfg", ".yml", ".yaml"}

FORBIDDEN: dict[str, frozenset[str]] = {
    "engine": frozenset({"lightgbm", "mlflow", "faker", "http"}),
    "features": frozenset({"score", "scores", "scored", "fraud", "target", "lightgbm", "faker"}),
    "synthetic": frozenset({"feature", "features", "model", "models", "score", "scores"}),
    "models": frozenset({"generator", "faker", "http"}),
}
"""Words that a room does not speak, in its names and docstrings (the house's table)."""

MACHINE = re.compile(r"(?<![\w.~<:/-])/(home|root|Users|work|workspace|mnt|private)/[\w.-]+")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|artifactory|index-url|find-links|devpi|://[^/\s]*/simple"
)


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def written() -> Iterator[Path]:
    """Text files of the product, whatever else lies in the folder."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.name != "LICENSE")
    for folder in (*PACKAGES, "docs", ".ci"):
        yield from (path for path in sorted((ROOT / folder).rglob("*")) if path.is_file())


def spoken(path: Path) -> set[str]:
    """Words of the names defined and used, and of the docstrings."""
    said: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        said += [value for name in ("name", "id", "attr", "arg", "module", "asname")
                 if isinstance(value := getattr(node, name, None), str)]  # fmt: skip
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            said.append(ast.get_docstring(node) or "")
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", " ".join(said))
    return set(re.findall(r"[a-z]+", text.lower().replace("_", " ")))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_owns_our_names(package: str) -> None:
    owners = importlib.metadata.packages_distributions().get(package, [])
    assert set(owners) <= {"parcel-triage"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_modules_is_a_package(package: str) -> None:
    folders = {path.parent for path in modules(package)}
    assert folders
    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_keeps_to_its_words(room: str) -> None:
    found = {
        str(path.relative_to(ROOT)): sorted(words)
        for path in modules(room)
        if (words := spoken(path) & FORBIDDEN[room])
    }
    assert found == {}


def test_words_are_heard_in_names_and_docstrings(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""Fetched by HTTP."""\nclass MyFaker:\n    risk_score = 1  # target\n')
    assert {"http", "faker", "score"} <= spoken(module)
    assert "target" not in spoken(module)


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in written()
        if path.suffix in TEXTS and path != Path(__file__).resolve()
        for match in MACHINE.finditer(path.read_text(errors="replace"))
    ]
    assert found == []


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in written()
        if path.suffix in TEXTS | {""} and path != Path(__file__).resolve()
        for match in REGISTRY.finditer(path.read_text(errors="replace"))
    ]
    assert found == []


def test_locks_are_hashed_and_hold_no_address() -> None:
    locks = sorted(ROOT.glob("requirements*.lock"))
    assert locks
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text
        pinned = re.findall(r"^[\w.\[\]-]+==", text, flags=re.MULTILINE)
        assert pinned
        assert text.count("--hash=sha256:") >= len(pinned)


@pytest.mark.parametrize(
    "text", ["see /home/somebody/x", '"/work/main"', "at /root/.cache", "https://a.b/simple"]
)
def test_the_searches_would_find_something(text: str) -> None:
    assert MACHINE.search(text) or REGISTRY.search(text)
