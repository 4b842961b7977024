"""The table of the scorings of a night."""

import re

import pytest
from django.urls import reverse

from studies.models import Role
from tests.helpers.adjudications import finished_scoring

NIGHT = ["W", "W", "N1", "N2", "N2", "N2", "N3", "N3", "R", "R"]
OTHER = ["W", "N1", "N1", "N2", None, None, "N3", "N3", "R", "R"]


@pytest.fixture
def page(labels_only, study, member, client_of):
    finished_scoring(labels_only, "First", NIGHT)
    finished_scoring(labels_only, "Second", OTHER)

    def read(role: Role) -> str:
        url = reverse("annotations:recording-scorings", args=[labels_only.pk])
        return client_of(member(study, role)).get(url).content.decode()

    return read


def test_an_adjudicator_is_led_from_the_differences_to_their_settlement(page, labels_only) -> None:
    link = reverse("annotations:adjudicate", args=[labels_only.pk])
    assert link in page(Role.ADJUDICATOR)
    assert link not in page(Role.VIEWER)


def test_differences_say_whose_stage_is_whose(page, labels_only) -> None:
    table = page(Role.LEAD).partition('worst">')[2].partition("</table>")[0]
    heads = re.findall('<th scope="col".*?>(.*?)</th>', table)
    assert heads == ["Epoch", "<bdi>First</bdi>", "<bdi>Second</bdi>"]
    row = table.partition('scope="row"')[2].partition("</tr>")[0]
    opened = [int(pk) for pk in re.findall(r"/(\d+)/score/\?epoch=1", row)]
    labels = [labels_only.scorings.get(pk=pk).scorer.label for pk in opened]
    assert labels == ["First", "Second"]
    assert re.findall('data-stage="(.*?)"', row) == ["W", "N1"]


def test_minutes_left_unscored_stand_in_the_statistics(page) -> None:
    table = page(Role.LEAD).partition('id="statistics"')[2]
    rows = [row.partition("</tr>")[0] for row in table.split('<th scope="row">')[1:]]
    last = [re.findall(r"<td.*?>\s*([\d.]+)\s*</td>", row)[-2:] for row in rows]
    assert last == [["0.0", "0.0"], ["20.0", "1.0"]]


def test_a_scorer_named_after_its_kind_is_named_once(labels_only, study, member, client_of) -> None:
    finished_scoring(labels_only, "Imported", NIGHT)
    finished_scoring(labels_only, "Hand files", OTHER)
    url = reverse("annotations:recording-scorings", args=[labels_only.pk])
    answer = client_of(member(study, Role.LEAD)).get(url).content.decode()
    kinds = re.findall(r'<span class="muted small">\s*(.*?)\s+of 10</span>', answer, re.DOTALL)
    assert [" ".join(kind.split()) for kind in kinds] == ["10", "imported · 8"]


def test_of_many_differences_the_worst_are_listed_and_all_on_demand(
    labels_only, study, member, client_of
) -> None:
    labels_only.epoch_count = 20
    labels_only.save(update_fields=["epoch_count"])
    finished_scoring(labels_only, "First", ["N2"] * 20)
    finished_scoring(labels_only, "Second", ["N3"] * 18 + ["N2"] * 2)
    url = reverse("annotations:recording-scorings", args=[labels_only.pk])
    client = client_of(member(study, Role.LEAD))

    def listed(**query: str) -> list[str]:
        table = client.get(url, query).content.decode().partition('worst">')[2]
        return re.findall(r'row" class="num">(\d+)<', table.partition("</table>")[0])

    assert len(listed()) == 12
    assert listed(all="") == [str(number) for number in range(1, 19)]
