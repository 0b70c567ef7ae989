"""A backup of a server that runs comes back whole on either database, and nothing that is there is lost for it."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.area import AreaStore, parse_aoi
from services.errors import InputError, StorageError
from services.settings import Settings, load_settings
from services.storage import ByteStore, Database, WorkerLock, back_up, database, restore
from services.storage.backup import DESCRIPTION, examine
from services.storage.database import STEPS
from services.storage.sqlite_file import FILE
from tests.services.databases import Place
from tests.services.storage.test_copies import filled
from tests.services.storage.test_database import old_file

FRAME = bytes(range(256)) * 200
AREA = parse_aoi("24.9, 60, 25, 60.05", name="Öja")


def team(place: Place) -> Database:
    """One with rows, an area and a frame."""
    opened = filled(place)
    AreaStore(place.home).keep(AREA)
    store = ByteStore(place.home / "frames", 10**9)
    store.put("a frame", FRAME)
    store.close()
    return opened


def settings_of(place: Place) -> Settings:
    """Of a process on it."""
    return load_settings(home=place.home, database_url=place.url)


@pytest.fixture
def other(tmp_path: Path) -> Place:
    """A team whose backup is restored elsewhere."""
    return Place(tmp_path / "other", "")


def frame_of(home: Path) -> bytes | None:
    """What the cache there has."""
    store = ByteStore(home / "frames", 10**9)
    try:
        return store.get("a frame")
    finally:
        store.close()


@pytest.mark.parametrize("cache", [True, False])
def test_a_team_moves_from_either_database_to_a_new_home(place: Place, tmp_path: Path, *, cache: bool) -> None:
    opened = team(place)
    path, told = back_up(opened, tmp_path, cache=cache)
    assert path.suffix == ".tar" and path.stat().st_mode & 0o777 == 0o600
    assert (told.rows["jobs"], told.rows["requests"], told.areas) == (1, 3, 1)
    new = Place(tmp_path / "new", "")
    restored, aside = restore(path, settings_of(new))
    assert (restored, aside) == (told, None)
    assert new.open().counts() == opened.counts()
    assert AreaStore(new.home).open(AREA.digest) == AREA
    assert frame_of(new.home) == (FRAME if cache else None)
    assert not list(new.home.glob(".restoring*"))


def test_a_team_moves_to_either_database(place: Place, other: Place, tmp_path: Path) -> None:
    path, told = back_up(team(other), tmp_path / "one.tar")
    restore(path, settings_of(place))
    assert place.open().counts() == told.rows


def test_what_is_there_is_refused_and_with_force_kept_aside(place: Place, other: Place, tmp_path: Path) -> None:
    path, told = back_up(filled(other, 7), tmp_path / "one.tar")
    before = team(place).counts()
    with pytest.raises(InputError, match="areas"):
        restore(path, settings_of(place))
    assert place.open().counts() == before
    _, aside = restore(path, settings_of(place), force=True)
    assert place.open().counts() == told.rows != before
    assert AreaStore(place.home).open(AREA.digest) is None
    assert aside is not None
    assert Database(aside).counts() == before
    assert AreaStore(aside).open(AREA.digest) == AREA
    assert frame_of(place.home) == FRAME, "the backup has none in their place"


def test_a_copy_of_the_database_takes_a_damaged_ones_place_and_leaves_the_rest(tmp_path: Path) -> None:
    place = Place(tmp_path, "")
    team(place).keep_daily(1)
    (tmp_path / "jobs.sqlite").write_bytes(b"this is no database" * 100)
    (copy,) = (tmp_path / "backups").glob("daily-*")
    with pytest.raises(StorageError, match="damaged"):
        place.open()
    with pytest.raises(InputError, match=r"jobs\.sqlite"):
        restore(copy, settings_of(place))
    _, aside = restore(copy, settings_of(place), force=True)
    assert place.open().counts()["requests"] == 3
    assert AreaStore(tmp_path).open(AREA.digest) == AREA
    assert aside is not None
    assert (aside / "jobs.sqlite").read_bytes().startswith(b"this is no database")


def test_a_backup_of_an_older_program_becomes_the_present_version(
    place: Place, other: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other.home.mkdir()
    old_file(other.home)
    with monkeypatch.context() as past:
        past.setattr(database, "STEPS", STEPS[:5])
        past.setattr("services.storage.backup.STEPS", STEPS[:5])
        path, told = back_up(other.open(), tmp_path / "old.tar")
    assert (told.version, told.rows["jobs"]) == (5, 2)
    restore(path, settings_of(place))
    assert place.open().counts()["jobs"] == 2


def test_a_backup_of_a_newer_program_is_refused(other: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = back_up(filled(other), tmp_path / "one.tar")
    monkeypatch.setattr("services.storage.backup.STEPS", STEPS[:-1])
    with pytest.raises(StorageError, match=f"version {len(STEPS)}, and {len(STEPS) - 1} is known"):
        restore(path, settings_of(Place(tmp_path / "new", "")))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("worker", [True, False])
def test_a_server_that_runs_is_not_restored_under(other: Place, tmp_path: Path, *, worker: bool) -> None:
    path, _ = back_up(filled(other), tmp_path / "one.tar")
    lock = WorkerLock(other.home) if worker else None
    running = other.open()
    with pytest.raises(InputError, match="The server runs"):
        restore(path, settings_of(other), force=True)
    assert running.counts()["requests"] == 3
    if lock:
        lock.close()


def cut(path: Path) -> None:
    """The end is missing."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def flipped(path: Path) -> None:
    """Of the database in it."""
    data = bytearray(path.read_bytes())
    data[20_000] ^= 1
    path.write_bytes(data)


def replaced(path: Path) -> None:
    """No archive at all."""
    path.write_text("Hello.")


def foreign(path: Path) -> None:
    """One of something else."""
    with tarfile.open(path, "w") as packed:
        packed.add(__file__, "../escaped.py")


@pytest.mark.parametrize("damage", [cut, flipped, replaced, foreign, Path.unlink])
def test_what_is_no_whole_backup_is_refused_and_changes_nothing(
    damage: Callable[[Path], None], other: Place, tmp_path: Path
) -> None:
    path, _ = back_up(team(other), tmp_path / "one.tar")
    damage(path)
    with pytest.raises(StorageError, match=r"one\.tar"):
        restore(path, settings_of(Place(tmp_path / "new", "")))
    assert not (tmp_path / "new").exists()


def member(name: str, content: bytes = b"{}", kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    """A file of an archive, with more rights than one should have."""
    made = tarfile.TarInfo(name)
    made.size, made.type, made.mode = len(content), kind, 0o6777
    return made, content


def repacked(path: Path, *more: tuple[tarfile.TarInfo, bytes], **lies: object) -> None:
    """The same backup with files more, and with other words about it."""
    with tarfile.open(path) as packed:
        held = {one.name: file.read() for one in packed if (file := packed.extractfile(one))}
    told = json.loads(held[DESCRIPTION]) | {"areas": 0, "outlines": 0} | lies
    files = [(tarfile.TarInfo(FILE), held[FILE]), *more, member(DESCRIPTION, json.dumps(told).encode())]
    with tarfile.open(path, "w") as packed:
        for made, content in files:
            made.size = len(content)
            packed.addfile(made, io.BytesIO(content))


@pytest.mark.parametrize(
    ("files", "lies"),
    [
        ([member("areas/../../../escaped.json")], {"outlines": 1}),
        ([member("areas/../cookie_secret")], {"outlines": 1}),
        ([member("areas")], {"outlines": 1}),
        ([member("areas/one.json/../two.json")], {"outlines": 1}),
        ([member("areas/a\nb.json")], {"areas": 1}),
        ([member("areas/one.json"), member("areas/one.json")], {"areas": 2}),
        ([member("areas/one.json", b"", tarfile.SYMTYPE)], {"areas": 1}),
        ([member("areas/one.json", b"0" * 512, tarfile.GNUTYPE_SPARSE)], {"areas": 1}),
        ([], {"version": "1"}),
        ([], {"rows": []}),
    ],
)
def test_what_was_made_to_do_harm_is_refused_and_changes_nothing(
    files: list[tuple[tarfile.TarInfo, bytes]], lies: dict[str, object], other: Place, tmp_path: Path
) -> None:
    path, _ = back_up(filled(other), tmp_path / "one.tar")
    repacked(path, *files, **lies)
    with pytest.raises(StorageError, match=r"one\.tar"):
        restore(path, settings_of(Place(tmp_path / "new", "")))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("files", "lies"),
    [
        ([member(f"areas/{'a' * 300}.json")], {"areas": 1}),
        ([member("areas/one"), member("areas/one/two.json")], {"areas": 1, "outlines": 1}),
    ],
)
def test_what_the_disk_cannot_hold_is_refused_in_words(
    files: list[tuple[tarfile.TarInfo, bytes]], lies: dict[str, object], other: Place, tmp_path: Path
) -> None:
    path, _ = back_up(filled(other), tmp_path / "one.tar")
    repacked(path, *files, **lies)
    with pytest.raises(StorageError, match=r"The backup one\.tar cannot be used"):
        restore(path, settings_of(Place(tmp_path / "new", "")))
    assert list((tmp_path / "new").rglob("*.json")) == []


def test_rows_that_are_not_those_described_leave_what_is_there(place: Place, other: Place, tmp_path: Path) -> None:
    path, told = back_up(filled(other, 7), tmp_path / "one.tar")
    repacked(path, rows=told.rows | {"requests": told.rows["requests"] + 1})
    before = team(place).counts()
    with pytest.raises(StorageError, match="not those of the backup"):
        restore(path, settings_of(place), force=True)
    assert place.open().counts() == before and AreaStore(place.home).open(AREA.digest) == AREA


def test_a_description_without_an_end_is_refused(other: Place, tmp_path: Path) -> None:
    path, _ = back_up(filled(other), tmp_path / "one.tar")
    with tarfile.open(path, "w") as packed:
        for made, content in (member(FILE), member(DESCRIPTION, b"[" * 100_000)):
            packed.addfile(made, io.BytesIO(content))
    with pytest.raises(StorageError, match=r"one\.tar"):
        examine(path)


def test_what_is_restored_is_its_owners_alone(other: Place, tmp_path: Path) -> None:
    path, _ = back_up(filled(other), tmp_path / "one.tar")
    repacked(path, member("areas/one.json"), areas=1)
    restore(path, settings_of(Place(tmp_path / "new", "")))
    assert (tmp_path / "new" / "areas" / "one.json").stat().st_mode & 0o7777 == 0o600


def test_a_backup_that_cannot_be_written_leaves_the_one_before(
    other: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = filled(other)
    path, told = back_up(opened, tmp_path / "one.tar")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "add", full)
    with pytest.raises(StorageError, match="No space"):
        back_up(opened, path)
    monkeypatch.undo()
    assert examine(path) == told
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["one.tar"]
