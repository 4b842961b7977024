"""Pages of agreement: every number leads to its epochs, and blind stays blind."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from recordings.models import Recording
from studies.models import Mode, Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.early import assigned_early
from tests.helpers.helped_scorings import revealed_scoring

pytestmark = [pytest.mark.django_db, pytest.mark.long]

NIGHT = ["W", "W", "N1", "N2", "N2", "N2", "N3", "N3", "R", "R"]
OTHER = ["W", "N1", "N1", "N2", None, "N3", "N3", "N3", "R", "R"]
SECRET = "secret-scorer"
HELP_LINK = re.compile(r'href="([^"]*/assistance/epochs/[^"]*)">(\d+)</a>')
PAGES = ("agreement", "pair", "epochs")
EPOCHS_LINK = re.compile(r'href="([^"]*/agreement/epochs/[^"]*)">(\d+)</a>')


@pytest.fixture
def two(labels_only) -> list[Scoring]:
    return [
        finished_scoring(labels_only, "First", NIGHT),
        finished_scoring(labels_only, SECRET, OTHER),
    ]


@pytest.fixture
def lead_client(client_of, lead):
    return client_of(lead)


def read(client, url: str, **query) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def pair_query(two) -> dict[str, str]:
    return {"a": str(two[0].scorer_id), "b": str(two[1].scorer_id)}


def counted(client, page: str) -> list[tuple[int, int]]:
    """The number on each link to epochs, and how many epochs the link leads to."""
    links = [(unescape(url), int(number)) for url, number in EPOCHS_LINK.findall(page)]
    found = []
    for url, number in links:
        head = re.search(r"<h[12]>(\d+) epoch", read(client, url))
        assert head
        found.append((number, int(head[1])))
    return found


@pytest.mark.parametrize("where", ["study", "recording"])
def test_every_number_leads_to_as_many_epochs(lead_client, two, labels_only, study, where):
    place = [study.slug] if where == "study" else [labels_only.pk]
    report = counted(
        lead_client, read(lead_client, reverse(f"annotations:{where}-agreement", args=place))
    )
    pair_url = reverse(f"annotations:{where}-pair", args=place)
    pair = counted(lead_client, read(lead_client, pair_url, **pair_query(two)))
    assert len(report) >= 3 + 5 + 5  # places, stages, rules
    assert len(pair) >= 3 + 6 + 5  # places, cells of the confusion, rules
    assert all(number == listed for number, listed in report + pair)
    assert (9, 9) in report


def plot_of(client, page: str) -> dict:
    """The plot of a page, which is loaded by itself."""
    address = re.search(r'hx-get="([^"]*/agreement/plot/[^"]*)"', page)
    assert address
    found = re.search(r"data-plot='(.*?)'", read(client, unescape(address[1])))
    assert found
    return json.loads(unescape(found[1]))


def test_the_plot_of_a_study_has_each_recording_with_the_range_of_its_pairs(
    lead_client, two, labels_only, study
):
    finished_scoring(labels_only, "Third", NIGHT)
    url = reverse("annotations:study-agreement", args=[study.slug])
    plot = plot_of(lead_client, read(lead_client, url))
    assert [line[0].split()[0] for line in plot["lines"]] == ["Experts", "All"]
    [[label, value, shown, address, low, high]] = plot["rows"]
    assert label == labels_only.name
    assert low == value < high == 1.0
    assert f"{low:.2f} to 1.00" in shown
    assert lead_client.get(address).status_code == 200
    of_pair = reverse("annotations:study-pair", args=[study.slug])
    plot = plot_of(lead_client, read(lead_client, of_pair, **pair_query(two)))
    [[_, alone, _, address]] = plot["rows"]
    assert alone == value
    assert f"a={two[0].scorer_id}" in read(lead_client, address + plot["suffix"])


def test_a_recording_with_twenty_scorers_stays_in_the_budget(lead_client, labels_only, study):
    for n in range(20):
        stages = [NIGHT[(n * epoch) % 10] for epoch in range(10)]
        finished_scoring(labels_only, f"Scorer {n} of the sleep laboratory", stages)
    page = read(lead_client, reverse("annotations:recording-agreement", args=[labels_only.pk]))
    assert len(page.encode()) < 150_000
    assert page.count('href="pair/?a=') == 20 * 19
    page = read(lead_client, reverse("annotations:study-agreement", args=[study.slug]))
    assert "1 to 20 of 190 pairs" in page
    assert len(page.encode()) < 150_000


def test_recordings_are_paged_and_links_carry_the_choice_of_scorers_alone(
    lead_client, two, labels_only, study, monkeypatch
):
    monkeypatch.setattr("annotations.agreement.pages.NIGHTS_A_PAGE", 2)
    scorers = [scoring.scorer for scoring in two]
    for name in ("S2", "S3"):
        night = Recording.objects.create(
            study=study, subject=labels_only.subject, name=name, state="labels_only", epoch_count=10
        )
        for scorer, stages in zip(scorers, (NIGHT, OTHER), strict=True):
            other = finished_scoring(night, f"{name} {scorer}", stages)
            Scoring.objects.filter(pk=other.pk).update(scorer=scorer)
    chosen = [str(scorer.pk) for scorer in scorers]
    noise = {"junk": "x" * 300, "scorer": [*chosen, "y" * 300]}
    for name, more in (("agreement", {}), ("pair", pair_query(two))):
        url = reverse(f"annotations:study-{name}", args=[study.slug])
        page = read(lead_client, url, **noise, **more)
        assert "1 to 2 of 3" in page
        assert "xxx" not in page
        assert "yyy" not in page
        plot = plot_of(lead_client, page)
        assert len(plot["rows"]) == 3
        assert not any("?" in row[3] for row in plot["rows"])
        assert parse_qs(plot["suffix"][1:])["scorer"] == chosen
        [last] = re.findall(r'href="([^"]+)#nights" rel="next"', page)
        assert "3 to 3 of 3" in read(lead_client, url + unescape(last))


def test_a_confusion_is_readable_without_its_shades(lead_client, two, labels_only, study):
    url = reverse("annotations:study-agreement", args=[study.slug])
    page = read(lead_client, url)
    table = page[page.index("Stages that scorers confuse") : page.index("Agreement by pair")]
    cells = re.findall(r'data-shade="(\d+)">(.*?)</td>', table, re.DOTALL)
    assert len(cells) == 25
    shades = [(int(shade), re.sub(r"<[^>]*>|\s", "", cell)) for shade, cell in cells]
    assert shades[0] == (7, "267%")  # W by both in one epoch, in both orders; once N1 by the other
    assert all((shade > 0) == ("%" in cell) for shade, cell in shades)


def test_an_epoch_of_a_pair_shows_both_rationales_and_opens_both_scorings(
    lead_client, two, labels_only
):
    url = reverse("annotations:recording-epochs", args=[labels_only.pk])
    page = read(lead_client, url, **pair_query(two), sa="W", sb="N1", words="on")
    assert re.findall(r"<bdi>(.*?)</bdi>", page)[-2:] == ["First-1", f"{SECRET}-1"]
    for scoring in two:
        assert f"/scorings/{scoring.pk}/score/?epoch=1" in page


def test_a_filter_that_cannot_be_read_is_left_out(lead_client, two, labels_only):
    url = reverse("annotations:recording-epochs", args=[labels_only.pk])
    page = read(lead_client, url, stage="N9", place="nowhere", night="x", page="many")
    assert "<h2>9 epochs" in page


def everything(client, two, study, labels_only) -> str:
    """All that the pages and the API of agreement send, whatever is asked of them."""
    sent = []
    for query in ({}, {**pair_query(two), "open": "on", "words": "on"}):
        for where, place in (("study", study.slug), ("recording", labels_only.pk)):
            urls = [reverse(f"annotations:{where}-{page}", args=[place]) for page in PAGES]
            urls.append(reverse(f"annotations:api-{where}-agreement", args=[place]))
            sent += [client.get(url, query) for url in urls]
    sent += [
        client.get(reverse(f"annotations:{name}", args=[study.slug]))
        for name in ("doubtful", "assistance", "assistance-epochs", "study-agreement-plot")
    ]
    return "".join(answer.content.decode() + str(answer.headers) for answer in sent)


def test_an_annotator_sees_nothing_of_others_through_agreement(
    client_of, annotator, two, study, labels_only, lead_client
):
    assert SECRET in everything(lead_client, two, study, labels_only)  # and kept for later
    own = assign(recording=labels_only, annotator=annotator, assigned_by=None)
    client = client_of(annotator)
    assert SECRET not in everything(client, two, study, labels_only)
    Scoring.objects.filter(pk=own.pk).update(state=Scoring.State.SUBMITTED)
    assert SECRET not in everything(client, two, study, labels_only)
    study_page = reverse("annotations:study-agreement", args=[study.slug])
    assert client.get(study_page).status_code == 403


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVEAL])
def test_an_overseer_who_still_scores_unaided_sees_nothing_of_the_night(
    client_of, lead, lead_client, member, two, study, labels_only, mode
):
    viewer = client_of(member(study, Role.VIEWER))
    own = assigned_early(labels_only, lead, mode, two[0])
    assert SECRET in everything(viewer, two, study, labels_only)
    assert SECRET not in everything(lead_client, two, study, labels_only)
    Scoring.objects.filter(pk=own.pk).update(state=Scoring.State.SUBMITTED)
    assert SECRET in everything(lead_client, two, study, labels_only)


def test_nobody_but_a_lead_reads_what_suggestions_did_to_people(client_of, member, study, two):
    for role in (Role.VIEWER, Role.ADJUDICATOR, Role.ANNOTATOR):
        client = client_of(member(study, role))
        for name in ("assistance", "assistance-epochs", "api-assistance"):
            assert client.get(reverse(f"annotations:{name}", args=[study.slug])).status_code == 403


def test_every_number_of_what_suggestions_did_leads_to_as_many_epochs(
    lead_client, labels_only, annotator, study
):
    revealed = revealed_scoring(labels_only, annotator)
    workbench = reverse("annotations:workbench", args=[revealed.pk])
    page = read(lead_client, reverse("annotations:assistance", args=[study.slug]), by=truth(study))
    links = HELP_LINK.findall(page)
    numbers = {parse_qs(urlsplit(unescape(url)).query).get("number", [""])[0] for url, _ in links}
    assert {"", "switched_to_wrong", "words_unchanged", "before_reveal", "not_locked"} <= numbers
    for url, count in links:
        behind = read(lead_client, unescape(url))
        assert re.search(rf"<h[12]>{count} epoch", behind), url
        assert behind.count(f"{workbench}?epoch=") == int(count)


def test_the_epochs_behind_a_rate_show_what_was_said_before_and_after(
    lead_client, labels_only, annotator, study
):
    revealed_scoring(labels_only, annotator)
    url = reverse("annotations:assistance-epochs", args=[study.slug])
    asked = {"by": truth(study), "mode": "reveal", "number": "led_astray"}
    (counted,) = stages_said(read(lead_client, url, **asked, part="hits"))
    assert counted == ["W", "N1", "N1", "W"]  # own, suggested, in the end, right
    others = stages_said(read(lead_client, url, **asked, part="misses"))
    assert len(others) == 2
    unreadable = {"mode": "nine", "number": "led_astray", "scorer": "x", "page": "many"}
    assert "<h1>8 epochs" in read(lead_client, url, **unreadable)


def truth(study) -> str:
    scoring = Scoring.objects.get(recording__study=study, scorer__label="Truth")
    return str(scoring.scorer_id)


def stages_said(page: str) -> list[list[str]]:
    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    return [re.findall(r'data-stage="(\w+)"', row) for row in rows]
