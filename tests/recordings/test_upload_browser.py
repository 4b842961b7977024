"""Upload of a recording by drag and drop."""

import base64

from playwright.sync_api import Page, expect

from recordings.ingest import INGESTS
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import edf_bytes

DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const event = { dataTransfer: carried, bubbles: true, cancelable: true };
  const zone = document.querySelector("[data-drop]");
  zone.dispatchEvent(new DragEvent("dragover", event));
  zone.dispatchEvent(new DragEvent("drop", event));
}"""


def drop(page: Page, name: str, data: bytes | bytearray) -> None:
    page.evaluate(DROP, [name, base64.b64encode(bytes(data)).decode()])


def test_a_dropped_file_becomes_a_recording_and_its_page_follows_the_work(page_of, lead, study):
    page = page_of(lead)
    page.goto(f"/studies/{study.slug}/")
    drop(page, "Lovelace.edf", edf_bytes())
    page.wait_for_url("**/recordings/*/")
    expect(page.locator("#ingest progress")).to_be_visible()
    expect(page.get_by_text("No worker is running")).to_be_visible()
    INGESTS.run(Ingest.objects.get().pk)
    expect(page.get_by_role("heading", name="Derivations")).to_be_visible()
    expect(page.get_by_alt_text("Spectrogram of the whole recording, 0.5 to 30 Hz")).to_be_visible()
    assert "Lovelace" not in page.content()


def test_a_file_that_is_no_recording_is_told_beside_its_name(page_of, lead, study, complaints):
    complaints.expected |= {"400", "409"}
    page = page_of(lead)
    page.goto(f"/studies/{study.slug}/")
    drop(page, "letter.edf", b"Dear colleague,\n" * 100)
    row = page.locator("[data-upload-files] li")
    expect(row).to_contain_text("letter.edf")
    expect(row).to_contain_text("not an EDF file")
    assert not Recording.objects.exists()


def test_a_night_that_could_not_be_read_says_why_and_can_be_removed(page_of, lead, study):
    page = page_of(lead)
    page.goto(f"/studies/{study.slug}/")
    drop(page, "night.edf", edf_bytes(["SaO2"]))
    page.wait_for_url("**/recordings/*/")
    INGESTS.run(Ingest.objects.get().pk)
    expect(page.get_by_text("No EEG channel for staging was found")).to_be_visible()
    page.get_by_role("button", name="Remove entry").click()
    page.wait_for_url(f"**/studies/{study.slug}/")
    assert not Recording.objects.exists()
