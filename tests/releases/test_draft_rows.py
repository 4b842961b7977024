"""The rows of a draft, before it is frozen: those that freezing writes, for who may read them."""

import csv
import io
import re
import zipfile

import pytest

from annotations.releases import draft_rows
from annotations.scoring.models import EpochScore
from studies.models import Role
from tests.helpers.early import assigned_early
from tests.helpers.releases import freeze

pytestmark = pytest.mark.django_db


def shown(page: bytes) -> list[list[str]]:
    """Read the table: recording, epoch, stage, rules, rationale, part and source."""
    body = page.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", "", c).split())
            for c in re.findall(r"<t[hd].*?</t[hd]>", r, re.S)
        ]
        for r in rows
    ]


def test_the_rows_of_a_draft_are_those_that_freezing_writes(
    client_of, lead, settled, draft_release, monkeypatch
):
    monkeypatch.setattr(draft_rows, "ROWS_A_PAGE", 7)
    settled("01-0001")
    settled("01-0002", subject="other")
    flagged = EpochScore.objects.filter(epoch=0, scoring__recording__name="01-0001")
    flagged.update(flags=["unsure"])
    draft = draft_release(shares={"train": 50, "test": 50}, left_out_flags=("unsure",))
    client = client_of(lead)
    pages = [client.get(f"/releases/{draft.pk}/rows/?page={n}").content for n in (1, 2, 3)]
    rows = [row for page in pages for row in shown(page)]
    assert [len(shown(page)) for page in pages] == [7, 7, 3]
    assert b"Changed since" not in pages[0]
    with zipfile.ZipFile(freeze(draft, "1.0.0").file) as archive:
        parts = {
            night: part
            for _, night, part in csv.reader(io.StringIO(archive.read("splits.csv").decode()))
        }
        written = [
            row
            for row in csv.DictReader(io.StringIO(archive.read("rows.csv").decode()))
            if row["kept"] == "1"
        ]
    names = {"01-0001": "01-0001", "01-0002": "other"}  # the code of a subject with a single night
    assert [(row[0], int(row[1]) - 1, row[5], row[6]) for row in rows] == [
        (names[w["recording"]], int(w["epoch"]), parts[w["recording"]], w["scorer"])
        for w in written
    ]
    assert rows[0][1:5] == ["2", "N1", "N1.1", "Seen, 1."]


def test_a_change_since_the_preview_is_shown_with_the_rows(client_of, lead, settled, draft_release):
    settled("01-0001")
    draft = draft_release()
    EpochScore.objects.filter(epoch=1).update(rationale="<b>New</b> words.")
    page = client_of(lead).get(f"/releases/{draft.pk}/rows/").content
    assert b"Changed since the preview: 01-0001 by consensus" in b" ".join(page.split())
    assert b"&lt;b&gt;New&lt;/b&gt; words." in page


def test_rows_are_for_leads_whose_nights_are_open_to_them_and_of_drafts_only(
    client_of, member, lead, settled, draft_release, study
):
    scoring = settled("01-0001")
    draft = draft_release()
    address = f"/releases/{draft.pk}/rows/"
    both = member(study, Role.LEAD, Role.ANNOTATOR, username="both")
    assigned_early(scoring.recording, both)
    assert client_of(both).get(address).status_code == 403
    assert client_of(member(study, Role.VIEWER)).get(address).status_code == 404
    frozen = freeze(draft, "1.0.0")
    answer = client_of(lead).get(address)
    assert (answer.status_code, answer.url) == (302, f"/releases/{frozen.pk}/")
