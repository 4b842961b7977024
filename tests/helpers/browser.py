"""A real Chromium against a real server. Every page fails its test on a console error, a script
error or a breach of the content policy."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files import File
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from psg.edf import EdfFile
from psg.ingest import described_sources, inspect_night, store_night
from psg.simulate import simulate_night, write_mass_files
from recordings.models import Recording, Subject
from studies.models import Study, User
from tests.helpers.running_site import wait_for

# Playwright's synchronous interface runs an event loop in this thread, and Django would
# refuse to query the database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# What Playwright turns off, because only the last such option counts, and pages of Chromium's own
# address bar, which take half a second of a CPU for every window.
TURNED_OFF = (
    *("AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades"),
    *("LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints"),
    *("PaintHolding", "TcpPortRandomizationWin", "ThirdPartyStoragePartitioning"),
    *("WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxPopup"),
)
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(TURNED_OFF)}",
]
# Only ever waited out by a test that fails: a busy machine must not be a reason for it.
expect.set_options(timeout=30_000)
PASSWORD = "correct horse battery"
NIGHT_HOURS = 1.0

REPORT_POLICY_BREACHES = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What pages complained about; `expected` are answers a test provokes, such as 409."""

    expected: set[str] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_POLICY_BREACHES)
        context.on("console", lambda told: self.hear(told.text) if told.type == "error" else None)
        context.on("weberror", lambda told: self.heard.append(str(told.error)))

    def hear(self, text: str) -> None:
        provoked = text.startswith("Failed to load resource") and any(
            word in text for word in self.expected
        )
        if not provoked:
            self.heard.append(text)


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.heard == []


@pytest.fixture
def context_of(
    browser: Browser, live_server, complaints: Complaints
) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser of its own in which `user` is signed in."""
    contexts: list[BrowserContext] = []

    def make(user: User | None, **options: object) -> BrowserContext:
        viewport = {"width": 1440, "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=viewport, **options)
        contexts.append(context)
        complaints.watch(context)
        if user is not None:
            context.add_cookies([_session_cookie(user, live_server.url)])
        return context

    yield make
    for context in contexts:
        context.close()
    wait_for(server_is_idle, every_s=0.02)


def server_is_idle() -> bool:
    """Whether the live server has answered everything.

    A save that a closing page sent may still be at work, and would meet the emptying of the
    tables: a deadlock, or a row that the next test finds.
    """
    return not any("process_request_thread" in thread.name for thread in threading.enumerate())


def _session_cookie(user: User, url: str) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


@pytest.fixture
def page_of(context_of: Callable[..., BrowserContext]) -> Callable[..., Page]:
    return lambda user, **options: context_of(user, **options).new_page()


@dataclass(frozen=True)
class StoredNight:
    """A simulated night as ingest leaves it, made once for all tests of this process."""

    signals: Path
    raw: Path
    spectrogram: Path
    epoch_count: int
    start_clock_s: float
    derivations: dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def stored_hour(tmp_path_factory: pytest.TempPathFactory) -> StoredNight:
    folder = tmp_path_factory.mktemp("night")
    files = write_mass_files(simulate_night(hours=NIGHT_HOURS, seed=4), folder)
    edf = EdfFile.open(files.psg)
    facts = inspect_night(edf)
    png, _ = store_night(
        edf, facts, signals_path=folder / "signals.epw", raw_path=folder / "raw.epw"
    )
    (folder / "spectrogram.png").write_bytes(png)
    return StoredNight(
        signals=folder / "signals.epw",
        raw=folder / "raw.epw",
        spectrogram=folder / "spectrogram.png",
        epoch_count=facts.grid.epoch_count,
        start_clock_s=facts.start_clock_s,
        derivations=described_sources(edf, facts.sources),
    )


@pytest.fixture
def hour_night(study: Study, stored_hour: StoredNight) -> Recording:
    """One hour of simulated sleep, ready to be scored."""
    recording = Recording.objects.create(
        study=study,
        subject=Subject.objects.create(study=study, code="01-09-0001"),
        name="01-09-0001",
        state=Recording.State.READY,
        epoch_count=stored_hour.epoch_count,
        duration_s=stored_hour.epoch_count * 30,
        start_clock_s=stored_hour.start_clock_s,
        derivations=stored_hour.derivations,
    )
    for name in ("signals", "raw", "spectrogram"):
        path = getattr(stored_hour, name)
        with path.open("rb") as file:
            getattr(recording, f"{name}_file").save(path.name, File(file))
    return recording


@pytest.fixture
def night_scoring(hour_night: Recording, annotator: User, lead: User) -> Scoring:
    return assign(recording=hour_night, annotator=annotator, assigned_by=lead)
