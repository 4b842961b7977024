"""Lists of recordings and scorings: search, filters, order, pages, columns, csv, blindness."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from annotations.agreement.models import NightAgreement
from annotations.agreement.nights import refresh_nights
from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from epochwise.desk.lists import RECORDINGS, Listing
from epochwise.desk.overview import progress_of
from epochwise.desk.reading import Reader
from recordings.models import Recording, Subject
from studies.members import add_member, create_study
from studies.models import Role
from tests.helpers.adjudications import finished_scoring

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def make_nights(study, count, **fields):
    subject, _ = Subject.objects.get_or_create(study=study, code="S001")
    there = study.recordings.count()
    return Recording.objects.bulk_create(
        Recording(
            study=study,
            subject=subject,
            **{"name": f"COH-{there + n:04}", "state": "labels_only", "epoch_count": 4, **fields},
        )
        for n in range(count)
    )


def page(client, study, query="", kind="recordings"):
    answer = client.get(f"/studies/{study.slug}/{kind}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def names(text):
    return re.findall(r"COH-\d{4}(?=</a>)", text)


def rows_of_csv(client, study, query="", kind="recordings"):
    answer = client.get(f"/studies/{study.slug}/{kind}.csv{query}")
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def client_of_lead(client_of, lead):
    return client_of(lead)


def test_fifty_a_page_and_the_pages_together_are_all(client_of_lead, study):
    make_nights(study, 112)
    found = [names(page(client_of_lead, study, f"?page={n}")) for n in (1, 2, 3)]
    assert [len(part) for part in found] == [50, 50, 12]
    assert [name for part in found for name in part] == [f"COH-{n:04}" for n in range(112)]


def test_search_finds_names_and_subjects(client_of_lead, study):
    make_nights(study, 3)
    other = Subject.objects.create(study=study, code="X9")
    Recording.objects.filter(name="COH-0001").update(subject=other)
    assert names(page(client_of_lead, study, "?q=coh-0002")) == ["COH-0002"]
    assert names(page(client_of_lead, study, "?q=x9")) == ["COH-0001"]
    assert names(page(client_of_lead, study, "?subject=s001")) == ["COH-0000", "COH-0002"]


def test_work_is_filtered_by_what_is_to_do(client_of_lead, study, lead, annotator):
    nights = make_nights(study, 4)
    for night in nights[:3]:
        assign(recording=night, annotator=annotator, assigned_by=lead)
    late = timezone.localdate() - timedelta(days=1)
    Scoring.objects.filter(recording=nights[0]).update(due=late)
    Scoring.objects.filter(recording=nights[1]).update(state="submitted")
    wanted = {
        "work=nobody": ["COH-0003"],
        "work=open": ["COH-0000", "COH-0002"],
        "work=overdue": ["COH-0000"],
        "work=finished": ["COH-0001"],
        "work=asked": [],
        "finished_below=1": ["COH-0000", "COH-0002", "COH-0003"],
        f"due_by={late}": ["COH-0000"],
    }
    got = {query: names(page(client_of_lead, study, f"?{query}")) for query in wanted}
    assert got == wanted


def test_kappa_and_disputed_are_those_that_the_worker_stored(client_of_lead, study):
    nights = make_nights(study, 3)
    for night, other in zip(nights, ("W", "N1", "N2"), strict=True):
        finished_scoring(night, f"a{night.name}", ["W", "N1", "N2", "N2"])
        finished_scoring(night, f"b{night.name}", ["W", "N1", "N2", other])
    assert page(client_of_lead, study).count("not computed yet") == 3
    assert len(rows_of_csv(client_of_lead, study, "?sort=-kappa")) == 3
    refresh_nights(study.pk)
    text = page(client_of_lead, study, "?sort=-kappa")
    assert names(text)[0] == "COH-0002"
    assert ">1.00</a>" in text
    assert names(page(client_of_lead, study, "?kappa_below=0.9")) == ["COH-0000", "COH-0001"]
    assert names(page(client_of_lead, study, "?disputed_from=1")) == ["COH-0000", "COH-0001"]
    [first, *_] = rows_of_csv(client_of_lead, study, "?sort=-kappa&column=kappa&column=name")
    assert first == {"Recording": "COH-0002", "Kappa": "1.0"}


def test_kappa_has_the_interval_of_its_night(client_of_lead, study):
    [night] = make_nights(study, 1)
    finished_scoring(night, "a", ["W", "N1", "N2", "N2"])
    finished_scoring(night, "b", ["W", "N1", "N2", "N1"])
    refresh_nights(study.pk)
    assert "95 %" not in page(client_of_lead, study), "four epochs are too few for an interval"
    NightAgreement.objects.update(kappa=0.77, kappa_low=-0.1, kappa_high=0.83456)
    assert 'title="0.77 (-0.10 to 0.83): ' in page(client_of_lead, study)
    columns = "?column=kappa_low&column=kappa_high"
    [row] = rows_of_csv(client_of_lead, study, columns)
    assert row == {"Kappa, lower bound": "-0.1", "Kappa, upper bound": "0.8346"}
    assert "−0.10" in page(client_of_lead, study, columns)


def test_a_lead_who_scores_a_night_blind_learns_nothing_of_it(client_of, study, lead, annotator):
    nights = make_nights(study, 2)
    for night in nights:
        finished_scoring(night, f"Expert-{night.name}", ["W", "N1", "N2", "N2"])
        finished_scoring(night, f"Other-{night.name}", ["W", "N1", "N2", "W"])
    refresh_nights(study.pk)
    add_member(study=study, user=lead, role=Role.ANNOTATOR)
    Scoring.objects.create(
        recording=nights[0],
        scorer=assign(
            recording=make_nights(study, 1, name="own")[0], annotator=lead, assigned_by=None
        ).scorer,
        rule_edition=study.rule_edition,
    )
    client = client_of(lead)
    text = page(client, study, "?column=name&column=scorers&column=others&column=kappa")
    closed, opened = text.split("COH-0001</a>")[0].split("COH-0000</a>")[1], text
    assert "Expert-COH-0000" not in closed
    assert "Expert-COH-0001" in opened
    assert names(page(client, study, "?kappa_below=2")) == ["COH-0001"]
    assert names(page(client, study, "?sort=-kappa"))[0] == "COH-0001"
    assert names(page(client, study, "?sort=kappa"))[0] == "COH-0001"
    assert "Expert-COH-0000" not in page(client, study, kind="scorings")
    NightAgreement.objects.update(kappa_low=0.1, kappa_high=0.9)
    bounds = rows_of_csv(client, study, "?column=name&column=kappa_low&column=kappa_high")
    assert [tuple(row.values()) for row in bounds[:2]] == [
        ("COH-0000", "", ""),
        ("COH-0001", "0.1", "0.9"),
    ]
    blind = [row for row in rows_of_csv(client, study) if row["Recording"] == "COH-0000"]
    assert [(row["Kappa"], row["Disputed"], row["Scored"]) for row in blind] == [("", "", "0 of 1")]


def test_an_annotator_sees_own_work_and_no_agreement(client_of, study, lead, annotator):
    nights = make_nights(study, 2)
    finished_scoring(nights[0], "Expert", ["W", "N1", "N2", "N2"])
    finished_scoring(nights[0], "Other", ["W", "N1", "N2", "W"])
    refresh_nights(study.pk)
    assign(recording=nights[0], annotator=annotator, assigned_by=lead)
    client = client_of(annotator)
    text = page(client, study, "?column=kappa&column=name&column=others&column=scored")
    assert names(text) == ["COH-0000", "COH-0001"]
    assert "0/1" in text
    assert "does not exist" in page(client, study, "?column=kappa_low")
    for word in ("Expert", "Kappa", "Choose", "Assign"):
        assert word not in text
    assert "does not exist" in page(client, study, "?kappa_below=0.5")
    assert client.get(f"/studies/{study.slug}/scorings/").status_code == 403


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?kappa_below=low", "Kappa below: Enter a number. This filter is left out."),
        ("?work=maybe", "Scoring: Select a valid choice."),
        ("?due_by=someday", "Due by: Enter a valid date."),
        ("?scorer=999999", "Scorer: Select a valid choice."),
        ("?finished_below=-1", "greater than or equal to 0"),
        ("?colour=red", "The filter “colour” does not exist"),
        ("?column=colour", "The column “colour” does not exist"),
        ("?sort=-colour", "The order “colour” does not exist"),
        ("?sort=doubts", "The order “doubts” does not exist"),
        (f"?q={'x' * 5000}", "at most 200 characters"),
        (f"?{'y' * 5000}=1", "The filter “" + "y" * 40 + "…” does not exist"),
        ("?page=-3", "1 to 3 of 3"),
        ("?page=two", "1 to 3 of 3"),
        ("?page=99999999999999999999", "1 to 3 of 3"),
        ("?kappa_below=nan", "Kappa below: Enter a number."),
        ("?disputed_from=1e400", "1 to 3 of 3"),
        ("?view=12&view=nonsense", "1 to 3 of 3"),
    ],
)
def test_nonsense_in_the_address_is_answered_and_left_out(client_of_lead, study, query, said):
    make_nights(study, 3)
    text = page(client_of_lead, study, query)
    assert said in text


@pytest.mark.parametrize("name", ["disputed_from", "kappa_from", "kappa_below", "finished_below"])
@pytest.mark.parametrize("value", ["-1e1000000", "-1e30", "1e49"])
def test_numbers_out_of_their_range_are_left_out_before_they_are_computed_with(
    client_of_lead, study, name, value
):
    """The first has a million digits: to write it out as a whole number takes half a minute."""
    make_nights(study, 1)
    text = page(client_of_lead, study, f"?{name}={value}")
    assert "This filter is left out." in text
    assert names(text) == ["COH-0000"]


def test_nobody_assigned_means_recordings_that_are_not_closed(client_of, study, lead, annotator):
    """Of closed recordings the lead does not see who has them; the overview leaves them out too."""
    hidden, other = make_nights(study, 2)
    add_member(study=study, user=lead, role=Role.ANNOTATOR)
    elsewhere = create_study(slug="elsewhere")
    add_member(study=elsewhere, user=lead, role=Role.ANNOTATOR)
    subject = Subject.objects.create(study=elsewhere, code="S001")
    Recording.objects.filter(pk=hidden.pk).update(sha256="a" * 64)
    same = Recording.objects.create(
        study=elsewhere, subject=subject, name="same", epoch_count=4, sha256="a" * 64
    )
    assign(recording=same, annotator=lead, assigned_by=lead)
    assign(recording=hidden, annotator=annotator, assigned_by=lead)
    for query in ("work=nobody", "finished_below=1"):
        assert names(page(client_of(lead), study, f"?{query}")) == [other.name], query
    assert progress_of(lead, study).unassigned == 1


def test_names_of_every_kind_are_shown_as_text(client_of_lead, study):
    make_nights(study, 1, name="<b>ليلة</b>")
    text = page(client_of_lead, study)
    assert "<bdi><a" in text
    assert "&lt;b&gt;ليلة" in text


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_a_csv_starts_a_formula(client_of_lead, study, name):
    make_nights(study, 1, name=name)
    [row] = rows_of_csv(client_of_lead, study)
    assert row["Recording"] == f"'{name}"


def test_a_csv_has_all_pages_and_the_chosen_columns(client_of_lead, study):
    make_nights(study, 60)
    rows = rows_of_csv(client_of_lead, study, "?sort=-name&column=name&column=epochs&q=coh")
    assert len(rows) == 60
    assert rows[0] == {"Recording": "COH-0059", "Epochs": "4"}


def test_a_csv_has_each_row_once_though_rows_change_while_it_is_sent(study, lead, monkeypatch):
    monkeypatch.setattr("epochwise.desk.lists.ROWS_A_CHUNK", 2)
    nights = make_nights(study, 6)
    listing = Listing(RECORDINGS, Reader.of(lead, study), QueryDict("sort=-epochs&column=name"))
    chunks = listing.csv_rows()
    rows = list(next(chunks))
    Recording.objects.filter(pk=nights[0].pk).update(epoch_count=9)
    Recording.objects.filter(pk=nights[5].pk).update(epoch_count=1)
    rows += [row for chunk in chunks for row in chunk]
    assert sorted(str(name) for (name,) in rows) == [f"COH-{n:04}" for n in range(6)]


def test_htmx_gets_the_rows_and_the_back_button_the_page(client_of_lead, study):
    make_nights(study, 1)
    url = f"/studies/{study.slug}/recordings/"
    part = client_of_lead.get(url, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="rows"')
    again = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client_of_lead.get(url, headers=again).content.decode()


@pytest.mark.parametrize("kind", ["recordings", "scorings"])
def test_the_number_of_queries_does_not_grow(
    client_of_lead, study, lead, annotator, kind, django_assert_max_num_queries
):
    sorts = ["-scored", "due", "kappa"] if kind == "recordings" else ["due", "-scorer"]
    counts = []
    for count in (3, 30):
        for night in make_nights(study, count):
            assign(recording=night, annotator=annotator, assigned_by=lead)
        page(client_of_lead, study, kind=kind)
        with django_assert_max_num_queries(80) as captured:
            for sort in sorts:
                page(client_of_lead, study, f"?sort={sort}", kind=kind)
        counts.append(len(captured))
    assert counts[0] == counts[1]
