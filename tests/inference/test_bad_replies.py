"""A night with faulty replies of a model server; readable replies are stored."""

import json

import pytest

from inference.adapters.openai import servers
from inference.registry import bundles
from inference.registry.bundles import register_bundle
from inference.runs.lifecycle import start_run
from inference.runs.work import CHUNKS
from tests.helpers.model_server import write_server_bundle

pytestmark = pytest.mark.django_db
REPLY = {"reasoning_text": "Alpha in O2.", "applicable_rules": ["W.1"], "sleep_stage": "W"}
PLAIN = json.dumps(REPLY)
HTML = "<html><body>Bad gateway</body></html>"

NIGHT = [
    lambda exchange: exchange.complete(PLAIN),
    lambda exchange: exchange.complete(PLAIN.replace('"W"', '"N5"')),
    lambda exchange: exchange.complete(PLAIN.replace("W.1", "W.9")),
    lambda exchange: exchange.complete(PLAIN.replace('["W.1"]', '"W.1, W.2"')),
    lambda exchange: exchange.complete(f"Let me see.\n```json\n{PLAIN}\n```\nGood night!"),
    lambda exchange: exchange.complete(PLAIN.replace('"', "”")),
    lambda exchange: exchange.complete(json.dumps({**REPLY, "reasoning_text": None})),
    lambda exchange: exchange.send(200, HTML),
    lambda exchange: exchange.send(500, "CUDA error"),
    lambda exchange: exchange.complete(PLAIN[:60]),
]


@pytest.fixture
def run(noise_night, server, tmp_path, monkeypatch):
    monkeypatch.setenv("MODEL_SERVERS", server.url)
    monkeypatch.setattr(servers, "FIRST_REST_S", 0.005)
    bundles._loaded.clear()
    seen: list[object] = []

    def behave(exchange):
        window = exchange.body["messages"][1]
        if window not in seen:
            seen.append(window)
        NIGHT[seen.index(window)](exchange)

    server.behave = behave
    bundle, _ = register_bundle(folder=write_server_bundle(tmp_path, concurrency=1))
    run = start_run(recording=noise_night, bundle=bundle)
    CHUNKS.run(run.chunks.get().pk)
    run.refresh_from_db()
    return run


def test_a_night_of_bad_replies_ends_with_every_epoch_answered_and_every_reason_kept(run):
    assert (run.state, run.done, run.failed_count) == ("done", 10, 4)
    failed = {reply.epoch: reply for reply in run.replies.exclude(fault="")}
    assert {epoch: reply.fault for epoch, reply in failed.items()} == {
        1: "unknown_stage",
        7: "no_reply",
        8: "no_reply",
        9: "cut_off",
    }
    assert "“N5” is not a stage" in failed[1].fault_detail
    assert (failed[7].text, failed[8].text, failed[9].text) == (HTML, "CUDA error", PLAIN[:60])
    assert "HTML" in failed[7].fault_detail
    assert "answered 500, tried 4 times" in failed[8].fault_detail
    read = {score.epoch: (score.rules, score.rationale) for score in run.scoring.scores.all()}
    assert read == {
        0: (["W.1"], "Alpha in O2."),
        2: ([], "Alpha in O2."),
        3: (["W.1", "W.2"], "Alpha in O2."),
        4: (["W.1"], "Alpha in O2."),
        5: (["W.1"], "Alpha in O2."),
        6: (["W.1"], ""),
    }
    assert run.about == {"model": "tiny", "servers": 1, "guided": "none"}
