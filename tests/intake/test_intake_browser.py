"""The page of the intake queue: twelve files of four nights, from the drop to a scored epoch."""

import base64

from playwright.sync_api import Page, expect

from psg.stages import Stage
from recordings.corrections.models import SignalCorrection
from recordings.corrections.work import CORRECTIONS
from recordings.ingest import INGESTS
from recordings.intake.models import IntakeQueue
from recordings.intake.receiving import append, expect_file, open_queue
from recordings.models import Ingest, Recording
from tests.helpers.accessibility import findings
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import run_all

DROP = """(files) => {
  const carried = new DataTransfer();
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  for (const [name, text] of files) carried.items.add(new File([bytes(text)], name));
  const event = { dataTransfer: carried, bubbles: true, cancelable: true };
  const zone = document.querySelector("[data-drop]");
  zone.dispatchEvent(new DragEvent("dragover", event));
  zone.dispatchEvent(new DragEvent("drop", event));
}"""
STAGES = ["W", "N1", "N2", "R"]
XML_CODES = {"W": "0", "N1": "1", "N2": "2", "R": "5"}


def drop(page: Page, files: dict[str, bytes]) -> None:
    page.locator("[data-drop=ready]").wait_for()
    page.evaluate(DROP, [[name, base64.b64encode(data).decode()] for name, data in files.items()])


def night(labels: list[str], seed: int) -> bytes:
    """Two minutes of these channels; each seed gives another file."""
    data = edf_bytes(labels, seconds=120, sfreq_hz=100)
    data[-2 - seed] ^= 1
    return bytes(data)


def xml(stages: list[str]) -> bytes:
    rows = "".join(f"<SleepStage>{XML_CODES[stage]}</SleepStage>" for stage in stages)
    return (
        f"<CMPStudyConfig><EpochLength>30</EpochLength><SleepStages>{rows}</SleepStages>"
        "</CMPStudyConfig>"
    ).encode()


def twelve_files() -> dict[str, bytes]:
    """Four nights, each with two stage files; in all, three programs."""
    unclear = ["EEG A", "EEG B", "EMG X", "EMG Y"]
    files = {}
    for index, name in enumerate(["S01_N1", "S01_N2", "S02_N1", "S02_N2"]):
        files[f"{name}.edf"] = night(unclear if index < 2 else ["C4-M1", "E1-M2"], index)
        files[f"{name}_carl.xml"] = xml(STAGES)
        # Three rows for four epochs, from 1: it could as well be epochs 1 to 3, counted from 0.
        rows = "".join(f"{n},{s}\n" for n, s in enumerate(STAGES[:3], start=1))
        files[f"{name}_anna.csv"] = b"epoch,stage\n" + rows.encode()
    for name in ("S02_N1", "S02_N2"):
        del files[f"{name}_anna.csv"]
        files[f"{name}_bea.txt"] = "\n".join(STAGES).encode()
    return files


def uploaded(page: Page, count: int) -> IntakeQueue:
    words = f"{count} file{'s' if count > 1 else ''} uploaded"
    expect(page.locator("[data-part=uploadWords]")).to_have_text(words)
    queue = IntakeQueue.objects.get()
    run_all(queue)
    return queue


def ingest_all() -> None:
    for pk in Ingest.objects.filter(Ingest.waiting()).values_list("pk", flat=True):
        INGESTS.run(pk)


def test_twelve_files_become_four_recordings_that_are_corrected_and_scored(
    page_of, lead, annotator, study
):
    page = page_of(lead, reduced_motion="reduce")
    page.goto(f"/studies/{study.slug}/")
    page.get_by_role("link", name="Add recordings").first.click()
    drop(page, twelve_files())
    answer_and_import(page, uploaded(page, 12))
    ingest_all()
    assert Recording.objects.filter(state="ready").count() == 4
    first = Recording.objects.get(name="S01 night 1")
    assert first.derivations["C4-M1"]["label"] == "EEG A - EEG B"
    by = {
        s.scorer.label: list(s.scores.order_by("epoch").values_list("stage", flat=True))
        for s in first.scorings.all()
    }
    assert by == {"carl": STAGES, "anna": [Stage.W, Stage.N1, Stage.N2]}
    page.reload()
    expect(page.locator("[data-part=counts]")).to_have_text("4 recordings: 4 imported")
    page.get_by_role("row", name="S01 night 1").get_by_role("link", name="Open recording").click()
    correct_chin(page)
    first.refresh_from_db()
    assert first.derivations["Chin"]["label"] == "EMG X - EMG Y"
    page.get_by_role("link", name="Assign annotator").click()
    page.get_by_label("Annotator").select_option(label=str(annotator))
    page.get_by_role("button", name="Assign annotator").click()
    score_an_epoch(page_of(annotator))
    assert list(first.scorings.get(scorer__user=annotator).scores.values_list("stage")) == [
        (Stage.W,)
    ]


def answer_and_import(page: Page, queue: IntakeQueue) -> None:
    """One channel map for both recordings without known labels, two answers, one import."""
    page.reload()
    counts = page.locator("[data-part=counts]")
    expect(counts).to_have_text("4 recordings: 2 ready, 2 with questions")
    assert findings(page) == []
    # The first recording with a question is open: one map serves both with these channels.
    page.get_by_label("C4-M1: channel").select_option("EEG A")
    page.get_by_label("C4-M1: subtracted channel").select_option("EEG B")
    page.get_by_role("button", name="Save channels").click()
    expect(counts).to_have_text("4 recordings: 2 ready, 2 being examined")
    run_all(queue)
    page.reload()
    for _ in range(2):
        question = page.locator(".intake-question").first
        question.get_by_role("radio").nth(1).check()
        question.get_by_role("button", name="Save answer").click()
        expect(page.get_by_text("1 being examined")).to_be_visible()
        run_all(queue)
        page.reload()
    expect(counts).to_have_text("4 recordings: 4 ready")
    page.get_by_role("button", name="Import 4 recordings").click()
    expect(page.locator("[data-part=notice]")).to_have_text("4 recordings added.")
    expect(counts).to_have_text("4 recordings: 4 being imported")


def correct_chin(page: Page) -> None:
    page.get_by_role("link", name="Channels").click()
    page.get_by_role("link", name="Correct signals").click()
    page.get_by_label("Channel of Chin").select_option("EMG X")
    page.get_by_label("Subtracted from Chin").select_option("EMG Y")
    page.get_by_label("Reason").fill("The chin was not named")
    page.get_by_role("button", name="Preview correction").click()
    expect(page.get_by_role("img", name="Chin after the correction")).to_be_visible()
    page.get_by_role("button", name="Correct signals").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    CORRECTIONS.run(SignalCorrection.objects.get().pk)
    page.reload()
    expect(page.get_by_text("Chin: missing → EMG X - EMG Y")).to_be_visible()


def score_an_epoch(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Start scoring").click()
    page.wait_for_selector("[data-workbench][data-ready]")
    page.keyboard.press("w")
    expect(page.locator("[data-part=saveState]")).to_have_attribute("data-state", "saved")


def test_a_file_that_is_no_recording_is_shown_with_its_reason(page_of, lead, study):
    page = page_of(lead)
    page.goto(f"/studies/{study.slug}/intake/")
    drop(page, {"night.edf": night(["C4-M1"], 0), "letter.edf": b"Dear colleague,\n" * 100})
    uploaded(page, 2)
    page.reload()
    expect(page.locator("[data-part=counts]")).to_contain_text("1 ready")
    expect(page.get_by_text("letter.edf").first).to_be_visible()
    expect(page.get_by_role("button", name="Import 1 recording")).to_be_enabled()


def test_an_interrupted_upload_is_told_and_continued(page_of, lead, study):
    data = night(["C4-M1"], 0)
    queue = open_queue(study=study, user=lead)
    append(
        file=expect_file(queue=queue, name="night.edf", size_bytes=len(data)),
        offset=0,
        chunks=[data[:5000]],
    )
    page = page_of(lead)
    page.goto(f"/studies/{study.slug}/intake/{queue.pk}/")
    told = page.locator("[data-part=interrupted]")
    expect(told).to_contain_text("1 upload was interrupted: night.edf.")
    drop(page, {"night.edf": data})
    uploaded(page, 1)
    page.reload()
    expect(page.locator("[data-part=counts]")).to_have_text("1 recording: 1 ready")
    expect(told).to_be_hidden()
    assert queue.files.count() == 1
