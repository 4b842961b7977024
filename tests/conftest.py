"""Fixtures that every kind of test uses."""

import gc
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from inference.runs.reading import GPU_QUEUE
from jobs.workers import DEFAULT_QUEUE, INGEST_QUEUE, connect
from psg.epochs import EpochGrid
from psg.montage import DERIVATIONS
from recordings.models import Recording, Subject
from recordings.store import adopt_store
from studies.accounts.passwords import BoundedArgon2
from studies.members import add_member, create_study
from studies.models import Role, Study, User
from tests.helpers import migrated
from tests.helpers.running_site import RunningSite, fresh_site

# Modules of fixtures, each loaded once for all tests.
pytest_plugins = (
    "tests.helpers.browser",
    "tests.helpers.accounts",
    "tests.helpers.emptying",
    "tests.helpers.hour_with_help",
    "tests.helpers.images",
    "tests.helpers.prescoring",
    "tests.helpers.model_server",
    "tests.helpers.ratings",
    "tests.helpers.reading",
    "tests.helpers.releases",
    "tests.helpers.scorings",
    "tests.helpers.templates",
    "tests.helpers.training_runs",
    "tests.helpers.web_processes",
    "tests.helpers.workbench_page",
)

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = ROOT.parent / "shared" / "data"

NOT_QUICK = {"browser", "faults", "torch", "long", "real_data"}
SITES = {"site", "migrated_site", "running_site"}
MARKS_OF_FILE = re.compile(r"^pytestmark = (\[[^\]]*\]|.*)", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="leave out Chromium, torch, real recordings, killed processes and long tests",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a file if `--quick` takes none of its tests: torch alone takes seconds."""
    if not config.getoption("quick") or collection_path.suffix != ".py":
        return None
    if collection_path.stem.endswith(("_browser", "_killed")):
        return True
    of_file = MARKS_OF_FILE.search(collection_path.read_text())
    return True if of_file and NOT_QUICK & set(re.findall(r"\w+", of_file[0])) else None


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by markers
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what a test needs by the fixtures that it takes and the file that it is in."""
    fixtures = getattr(item, "fixturenames", ())
    if "browser" in fixtures:
        item.add_marker("browser")
    if SITES & set(fixtures) or item.path.stem.endswith("_killed"):
        item.add_marker("faults")


@pytest.hookimpl(trylast=True)  # after pytest-django, which puts tests without a database last
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start long tests first, so that no process runs one while the others have nothing left.

    Transactional tests may come first, too: `tests.helpers.emptying` leaves the database as the
    migrations do.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    if config.getoption("quick"):
        _leave_out(config, items, lambda item: not NOT_QUICK.isdisjoint(_marks_of(item)))
    _leave_out_real_data(config, items)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays for good, and look less often.

    Looking through modules, models and tests over and over took a tenth of the time; the little
    garbage of collecting is not worth a look either.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)
    gc.enable()


def _marks_of(item: pytest.Item) -> set[str]:
    return {marker.name for marker in item.iter_markers()}


def _leave_out_real_data(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave real-data tests out, and say so, where the recordings are not at hand."""
    if REAL_DATA.exists():
        return
    if count := _leave_out(config, items, lambda item: "real_data" in _marks_of(item)):
        print(
            f"{count} real-data tests are left out: put PSG-IPA (PhysioNet, "
            f"doi 10.13026/esx0-nw71) and DOD-H scorings under {REAL_DATA}"
        )


def _leave_out(
    config: pytest.Config, items: list[pytest.Item], is_out: Callable[[pytest.Item], bool]
) -> int:
    """Take items out of the list, tell pytest, and return how many they were."""
    left_out = [item for item in items if is_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_out(item)]
    return len(left_out)


@pytest.fixture
def empty_queues() -> None:
    """Messages of earlier tests would look like work that waits for long."""
    connect().delete(DEFAULT_QUEUE, INGEST_QUEUE, GPU_QUEUE)


@pytest.fixture
def real_data() -> Path:
    return REAL_DATA


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    """Keep what a test stores to itself."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_ROOT = settings.MEDIA_ROOT / "incoming"
    return settings.MEDIA_ROOT


@pytest.fixture
def own_store(db, media: Path) -> Path:
    """Let the store of a test belong to the database of the test, as after `migrate`."""
    adopt_store(user=None, why="of this test")
    return media


@pytest.fixture(autouse=True)
def static_files_when_asked(settings) -> None:
    """Every client of a test would look through all static files before its first request."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose, and no test is about how slow."""
    for cost, least in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
        monkeypatch.setattr(BoundedArgon2, cost, least)


@pytest.fixture
def study(db) -> Study:
    return create_study(slug="night-study", title="Night study")


@pytest.fixture
def other_study(db) -> Study:
    return create_study(slug="other-study", title="Other study")


@pytest.fixture
def member(db) -> Callable[..., User]:
    """Make a user with roles: `member(study, Role.LEAD)`."""

    def make(study: Study | None, *roles: Role, username: str = "") -> User:
        username = username or f"{study.slug if study else 'nobody'}-{'-'.join(roles)}"
        user = User.objects.create_user(username=username, password="correct horse battery")
        for role in roles:
            assert study is not None
            add_member(study=study, user=user, role=role)
        return user

    return make


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def labels_only(study: Study) -> Recording:
    """A night of ten epochs without signals."""
    subject = Subject.objects.create(study=study, code="S1")
    return Recording.objects.create(
        study=study,
        subject=subject,
        name="S1",
        state=Recording.State.LABELS_ONLY,
        epoch_count=10,
        duration_s=300,
    )


@pytest.fixture
def annotator(study: Study, member) -> User:
    return member(study, Role.ANNOTATOR)


@pytest.fixture
def lead(study: Study, member) -> User:
    return member(study, Role.LEAD)


@pytest.fixture
def scoring(labels_only: Recording, annotator: User, lead: User) -> Scoring:
    return assign(recording=labels_only, annotator=annotator, assigned_by=lead)


@pytest.fixture
def noise_epochs() -> np.ndarray:
    """Ten epochs of six-channel noise in uV, shape (10, 6, 3000)."""
    return np.random.default_rng(7).normal(0, 20, (10, len(DERIVATIONS), 3000)).astype("float32")


@pytest.fixture
def grid() -> EpochGrid:
    return EpochGrid(epoch0_s=0.0, epoch_count=10)


@pytest.fixture
def site() -> Iterator[RunningSite]:
    """A fresh installation, not started."""
    with fresh_site() as site:
        yield site


@pytest.fixture
def migrated_site() -> Iterator[RunningSite]:
    """An installation that was made and migrated, not started."""
    with fresh_site() as site:
        migrated.copy_site(site.var)
        yield site


@pytest.fixture(scope="module")
def running_site() -> Iterator[RunningSite]:
    """An installation that the tests of a file share, started; each leaves it running."""
    with fresh_site() as site:
        site.start()
        yield site
