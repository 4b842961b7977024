"""Models side by side, and the learning curves that come with a bundle."""

import json
import re
from html import unescape

import pytest

from annotations.scoring.models import Scoring
from inference.bundles.learning import LOG, MOST_POINTS, read_learning
from inference.models import ModelBundle
from inference.registry.bundles import built_in_folder, register_bundle
from studies.models import Role
from tests.helpers.adjudications import finished_scoring

NIGHT = ["W", "W", "N1", "N2", "N2", "N2", "N3", "N3", "R", "R"]
WORSE = ["W", "N1", "N1", "N2", "R", "N2", "N3", "N2", "R", "R"]


@pytest.fixture
def models(labels_only, rules_bundle) -> list[ModelBundle]:
    """Two models and a person who scored the same night; the first model agrees with the person."""
    second = register_bundle(folder=built_in_folder("rules"), name="second")[0]
    for bundle, stages in ((rules_bundle, NIGHT), (second, WORSE)):
        scoring = finished_scoring(labels_only, f"as {bundle.name}", stages)
        Scoring.objects.filter(pk=scoring.pk).update(scorer=bundle.scorer)
    finished_scoring(labels_only, "Expert", NIGHT)
    second.learning = {"validation_loss": [[10, 1.5], [20, 0.75]]}
    second.save()
    return [rules_bundle, second]


def page_of(client, study, query: str = "") -> str:
    answer = client.get(f"/studies/{study.slug}/models/compare/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def plots_of(page: str) -> list[dict]:
    return [json.loads(unescape(text)) for text in re.findall(r"data-plot='(.*?)'", page)]


@pytest.mark.django_db
def test_models_are_compared_with_a_person_over_common_recordings(client_of, member, study, models):
    client = client_of(member(study, Role.VIEWER))
    page = page_of(client, study)
    assert "2 models against <bdi>Expert</bdi>" in re.sub(r"\s+", " ", page)
    kappas, learning = plots_of(page)
    assert {row[0]: row[1] for row in kappas["rows"]}[str(models[0])] == 1.0
    assert all(client.get(row[3]).status_code == 200 for row in kappas["rows"])
    assert learning["curves"] == [[str(models[1]), [[10, 1.5], [20, 0.75]]]]
    assert "0.75 at step 20" in page
    key = models[1].scorer_id
    assert "1 model against <bdi>Expert</bdi>" in re.sub(
        r"\s+", " ", page_of(client, study, f"?model={key}")
    )


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?model=x&reference=9e99", "?reference=", "?model=1.2-3&model="])
def test_what_no_scorer_has_as_key_is_left_out(client_of, lead, study, models, query):
    assert "2 models against <bdi>Expert</bdi>" in re.sub(
        r"\s+", " ", page_of(client_of(lead), study, query)
    )


@pytest.mark.django_db
def test_without_a_model_or_a_reference_the_page_says_what_is_missing(
    client_of, lead, study, models
):
    client = client_of(lead)
    Scoring.objects.filter(scorer__kind="import").update(state="withdrawn")
    assert "No person has finished a scoring" in page_of(client, study)
    Scoring.objects.update(state="withdrawn")
    assert "Nothing to compare yet" in page_of(client, study)


def test_curves_are_read_from_the_log_of_a_training(tmp_path):
    lines = [json.dumps({"step": n, "loss": 1 / n, "note": "text"}) for n in range(1, 1001)]
    lines += [
        '{"step": 5, "loss": NaN}', '{"step": true, "loss": 1}', '{"step": 9, "Dr Who": 1}',
        "[" * 50_000, "[1]", '{"step": 1001, "validation_loss": 2}', '{"step": 1002, "lo',
    ]  # fmt: skip
    (tmp_path / LOG).write_text("\n".join(lines))
    curves = read_learning(tmp_path)
    assert set(curves) == {"loss", "validation_loss"}
    assert len(curves["loss"]) == MOST_POINTS
    assert (curves["loss"][0], curves["loss"][-1]) == ((1, 1.0), (1000, 0.001))
    assert read_learning(tmp_path / "nothing") == {}
