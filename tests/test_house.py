"""The house: what import-linter's layers (pyproject.toml) do not say of its packages, folders and files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = [path for folder in ("pages", "services", "terminal") for path in sorted((ROOT / folder).rglob("*.py"))]
PROGRAMS += [ROOT / "app.py", ROOT / "cli.py"]
FOLDERS = sorted({path.parent for path in PROGRAMS} - {ROOT})
FACES = sorted(path.parent for path in (ROOT / "services").rglob("__init__.py") if path.parent != ROOT / "services")
LINES, FILES, SCRIPT = 400, 15, 80


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every module that a file imports, at the top or inside a function, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((name.name, ()) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or "", tuple(name.name for name in node.names)


def own(path: Path) -> str:
    """A file's place: `services/demo/server`."""
    return "/".join(path.relative_to(ROOT).with_suffix("").parts)


def package(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Of the package whose face others import: ("services", "grid") of `services/grid/lattice.py`."""
    folder = ROOT.joinpath(*parts)
    while folder not in FACES and folder != ROOT:
        folder = folder.parent
    return folder.relative_to(ROOT).parts


@pytest.mark.parametrize("path", PROGRAMS, ids=own)
def test_others_import_the_face_of_a_package(path: Path) -> None:
    home = package(path.relative_to(ROOT).parts[:-1])
    for module, _ in imports(path):
        target = tuple(module.split("."))
        face = package(target) if target[0] == "services" else ()
        if face and face != home and home[: len(face)] != face:
            assert target == face, f"{own(path)} imports {module}: import it from {'.'.join(face)}"


@pytest.mark.parametrize("path", PROGRAMS, ids=own)
def test_the_demo_archive_shares_no_code_with_the_product(path: Path) -> None:
    if "services/demo" in own(path):
        for module, _ in imports(path):
            assert module.split(".")[0] not in {"pages", "terminal", "app", "cli", "streamlit"}, module
            assert not module.startswith("services") or module.startswith("services.demo"), module


@pytest.mark.parametrize("path", PROGRAMS, ids=own)
def test_nothing_imports_the_programs(path: Path) -> None:
    assert not {"app", "cli"} & {module for module, _ in imports(path)}


@pytest.mark.parametrize("face", FACES, ids=own)
def test_a_package_says_what_it_is_and_names_its_public_face(face: Path) -> None:
    tree = ast.parse((face / "__init__.py").read_text())
    assert ast.get_docstring(tree), "one sentence: what comes in and what goes out"
    named = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    assert named or not any(isinstance(node, ast.ImportFrom) for node in tree.body)


@pytest.mark.parametrize("path", PROGRAMS, ids=own)
def test_a_file_holds_one_concept(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= LINES, f"{lines} lines: which concept wants out?"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "/".join(folder.relative_to(ROOT).parts))
def test_a_folder_can_be_seen_at_a_glance(folder: Path) -> None:
    files = sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py")
    assert len(files) <= FILES, f"{len(files)} files: which package wants out?"


def test_pages_are_thin_scripts() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        tree = ast.parse(path.read_text())
        assert not any(isinstance(node, ast.Try) for node in ast.walk(tree)), f"{path.name}: messages show errors"
        assert len(path.read_text().splitlines()) <= SCRIPT, f"{path.name} is more than a script"


def test_nothing_is_unpickled() -> None:
    for path in PROGRAMS:
        assert not {"pickle", "dill", "cloudpickle", "joblib"} & {module for module, _ in imports(path)}, path
        assert "allow_pickle=True" not in path.read_text(), path
