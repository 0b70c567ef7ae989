"""The documents say what is there: every setting, every command, every pin with its reason."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services import __version__
from services.settings import ProviderSettings, Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
HOSTING = (ROOT / "docs" / "hosting.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_readme_or_guide_of_hosting_document_every_setting(field: str) -> None:
    assert f"`NINEPATCH_{field.upper()}`" in README + HOSTING


@pytest.mark.parametrize("field", sorted(ProviderSettings.model_fields))
def test_the_readme_documents_every_field_of_a_provider(field: str) -> None:
    assert f"`{field}`" in README


def test_the_readme_names_every_command() -> None:
    listed = subprocess.run(
        [sys.executable, "cli.py", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200"},
    ).stdout
    commands = set(re.findall(r"^\W*([a-z]+) {2,}[A-Z]", listed, re.MULTILINE))
    assert {"grid", "acquisitions", "estimate", "fetch", "demo", "providers"} <= commands
    for command in commands:
        assert f"`{command}`" in README, command


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-cluster.txt"])
def test_each_pin_is_exact_and_has_its_reason_beside_it(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-r ")):
            assert re.fullmatch(r"[A-Za-z0-9_.-]+==\S+ +# \S.*", line), line


def test_each_option_of_streamlit_has_its_reason() -> None:
    table = ""
    for line in (ROOT / ".streamlit" / "config.toml").read_text().splitlines():
        bare = re.sub(r'"[^"]*"', "", line)  # colours begin with # as comments do
        if bare.startswith("["):
            table = bare
        elif "=" in bare.split("#")[0]:
            assert "#" in bare or "#" in table, line


def test_the_documents_speak_of_the_project_alone() -> None:
    private = re.compile(r"/(?:work|farm|root)/|\.library|shared/hooks")
    for path in DOCUMENTS:
        assert not private.search(path.read_text()), path


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_links_to_is_there(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / link).exists(), link


@pytest.mark.parametrize("package", sorted({one.parent.name for one in (ROOT / "services").glob("*/__init__.py")}))
def test_the_architecture_has_a_sentence_for_each_package(package: str) -> None:
    assert re.search(rf"^\| `{package}/` \| \S", ARCHITECTURE, re.MULTILINE)


def test_the_changelog_begins_with_the_present_version() -> None:
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first and first.group(1) == __version__


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()
    for path in folder.glob("0*.md"):
        title = path.read_text().splitlines()[0].split(": ", 1)[1]
        assert f"({path.name}) | {title} |" in listed, path.name
