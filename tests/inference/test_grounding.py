"""Replies compared with the measurements of their epoch, in runs of whole nights."""

import json

import pytest

from inference.registry import bundles
from inference.registry.bundles import register_bundle
from inference.runs.lifecycle import start_run
from inference.runs.reading import grounding_of
from inference.runs.work import CHUNKS
from tests.helpers.model_server import write_server_bundle

pytestmark = pytest.mark.django_db
WRONG = "Movement fills 25 s. The epoch before is N2."


@pytest.fixture
def run_on_server(noise_night, server, tmp_path, monkeypatch):
    """Score a night with a server that gives a single rationale, under a mode of grounding."""
    monkeypatch.setenv("MODEL_SERVERS", server.url)

    def run(grounding, behave=None):
        bundles._loaded.clear()
        server.reply = json.dumps(
            {"reasoning_text": WRONG, "applicable_rules": ["N2.1"], "sleep_stage": "N2"}
        )
        server.behave = behave or (lambda exchange: exchange.complete())
        folder = write_server_bundle(tmp_path, concurrency=1)
        with (folder / "bundle.toml").open("a") as file:
            file.write(f'\n[decoding]\ngrounding = "{grounding}"\n')
        run = start_run(recording=noise_night, bundle=register_bundle(folder=folder)[0])
        CHUNKS.run(run.chunks.get().pk)
        run.refresh_from_db()
        return run

    return run


def test_contradicted_statements_are_marked_on_reply_and_score(run_on_server):
    run = run_on_server("flag")
    reply = run.replies.get(epoch=3)
    assert (run.state, reply.grounding) == ("done", "flagged")
    assert reply.contradicted == ["Movement fills 25 s"]
    assert json.loads(reply.text)["reasoning_text"] == WRONG
    assert run.scoring.scores.get(epoch=3).grounding == "flagged"
    # In the other epochs the movement may have been missed.
    counts = grounding_of(run)
    assert counts.flagged == counts.statements == run.replies.filter(grounding="flagged").count()


def test_nothing_is_compared_where_the_bundle_does_not_want_it(run_on_server):
    run = run_on_server("off")
    assert set(run.replies.values_list("grounding", "grounding_note")) == {("free", "")}
    assert not grounding_of(run).is_any


def test_a_server_that_follows_no_grammar_gives_free_replies_with_the_reason(run_on_server):
    run = run_on_server("bind")
    reply = run.replies.get(epoch=3)
    assert (run.state, run.failed_count, reply.grounding) == ("done", 0, "flagged")
    assert "grammar" in reply.grounding_note
    assert "bind" in run.about["grounding"]


def test_a_server_that_follows_grammars_is_sent_one_for_each_epoch_that_goes_beyond(
    run_on_server, server
):
    """It is asked again with the same images; a reply that still goes beyond is not bound."""
    server.guided = "grammar"
    kept = json.dumps(
        {"reasoning_text": "No alpha.", "applicable_rules": ["N2.1"], "sleep_stage": "N2"}
    )
    run = run_on_server(
        "bind",
        behave=lambda exchange: exchange.complete(
            kept if "grammar" in exchange.body.get("structured_outputs", {}) else None
        ),
    )
    reply = run.replies.filter(grounding="bound").first()
    assert json.loads(reply.text)["reasoning_text"] == "No alpha."
    assert run.scoring.scores.get(epoch=reply.epoch).rationale == "No alpha."
    asked = [body for body in server.windows if "grammar" in body["structured_outputs"]]
    assert len(asked) >= grounding_of(run).flagged
    assert grounding_of(run).bound == run.replies.filter(grounding="bound").count()


def test_the_page_of_the_run_lists_what_measurements_contradict(run_on_server, client, lead):
    run = run_on_server("flag")
    client.force_login(lead)
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "Comparison with measurements" in page
    assert "Movement fills 25 s" in page
