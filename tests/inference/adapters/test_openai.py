"""The adapter for model servers over real HTTP: requests and possible answers."""

import base64
import io
import json
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from inference.adapters import AdapterAwayError, NightToScore
from inference.adapters.openai import chat, servers
from inference.adapters.openai.adapter import load
from inference.adapters.openai.servers import servers_from_environment
from inference.bundles import BundleError
from inference.prompts import PUBLISHED_LABELS
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.render import EpochRenderer, pixel_sha256
from tests.helpers.model_server import KEY, Exchange, obeys_pattern, served_spec
from tests.helpers.prescoring import TINY_REPLY

HTML = "<html><body>The gateway is not pleased.</body></html>"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(servers, "FIRST_REST_S", 0.005)


@pytest.fixture
def night(noise_epochs):
    return NightToScore("five", ArrayNight(DERIVATIONS, noise_epochs[:5]))


@pytest.fixture
def adapter_for(tmp_path):
    def make(*options, timeout_s=5.0, **settings):
        spec = served_spec(tmp_path, **settings)
        patient = replace(spec, server=spec.server.model_copy(update={"timeout_s": timeout_s}))
        urls = " ".join(each if isinstance(each, str) else each.url for each in options)
        return load(patient, {"MODEL_SERVERS": urls, "MODEL_SERVERS_KEY": KEY})

    return make


def all_replies(adapter, night, epochs=range(5)):
    replies = [reply for group in adapter.replies(night, epochs) for reply in group]
    return sorted(replies, key=lambda reply: reply.epoch)


def pixels_of(part):
    kind, _, data = part["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_every_epoch_is_asked_for_once_and_answered(server, adapter_for, night):
    replies = all_replies(adapter_for(server), night)
    assert [(reply.epoch, reply.text, reply.error) for reply in replies] == [
        (epoch, TINY_REPLY, "") for epoch in range(5)
    ]
    assert len(server.windows) == 5
    assert server.keys == {f"Bearer {KEY}"}


def test_a_window_is_sent_as_the_images_a_person_sees(server, adapter_for, night, noise_epochs):
    reply = all_replies(adapter_for(server), night, [2])[0]
    body = server.windows[0]
    assert (body["temperature"], body["max_tokens"], body["model"]) == (0, 1024, "tiny")
    assert "1. F4-M1" in body["messages"][0]["content"][0]["text"]
    shown = body["messages"][1]["content"]
    assert [part["text"] for part in shown[::2]] == list(PUBLISHED_LABELS)
    drawn = [EpochRenderer().render(noise_epochs[i], DERIVATIONS) for i in (1, 2, 3)]
    for part, pixels, sha256 in zip(shown[1::2], drawn, reply.pixel_sha256, strict=True):
        assert np.array_equal(pixels_of(part), pixels)
        assert pixel_sha256(pixels) == sha256


def test_requests_go_out_together(server, adapter_for, night):
    together = threading.Barrier(5)

    def meet(exchange):
        together.wait(10)
        exchange.complete()

    server.behave = meet
    assert not any(reply.error for reply in all_replies(adapter_for(server), night))


@pytest.mark.parametrize(
    ("can", "result", "field"),
    [
        ("pattern", "pattern", "structured_outputs"),
        ("schema", "schema", "response_format"),
        ("", "none", None),
    ],
)
def test_guidance_is_probed_once_and_used_where_it_works(
    server,
    adapter_for,
    night,
    can,
    result,
    field,
):
    server.guided = can
    adapter = adapter_for(server)
    all_replies(adapter, night)
    assert adapter.about == {"model": "tiny", "servers": 1, "guided": result}
    wishes = [{"structured_outputs", "response_format"} & set(body) for body in server.windows]
    assert wishes == [{field} if field else set()] * 5
    assert len(server.bodies) - len(server.windows) <= 2


def test_the_pattern_takes_the_published_form_and_nothing_else(server, adapter_for, night):
    server.guided = "pattern"
    all_replies(adapter_for(server), night, [1])
    body = server.windows[0]
    indented = json.dumps(json.loads(TINY_REPLY.strip("`json\n")), indent=2)
    assert obeys_pattern(body, TINY_REPLY)
    assert obeys_pattern(body, f"```json\n{indented}\n```")
    assert not obeys_pattern(body, TINY_REPLY.replace("N2.1", "N9.1"))
    assert not obeys_pattern(body, TINY_REPLY.replace('"N2"', '"N5"'))


def test_a_bundle_may_ask_for_replies_without_guidance(server, adapter_for, night):
    server.guided = "schema"
    assert adapter_for(server, guided=False).about["guided"] == "none"
    assert server.bodies == []


def test_a_server_that_stumbles_is_asked_again(server, adapter_for, night):
    stumbles = iter([500, 503, 429])

    def stumble(exchange):
        status = next(stumbles, 200)
        exchange.complete() if status == 200 else exchange.send(status, "busy", Retry_After="0")

    server.behave = stumble
    replies = all_replies(adapter_for(server, concurrency=1), night)
    assert [reply.text for reply in replies] == [TINY_REPLY] * 5
    assert len(server.windows) == 8


def test_a_server_that_asks_for_rest_is_left_alone(start_server, adapter_for, night):
    tired, fresh = start_server(), start_server()
    tired.behave = lambda exchange: exchange.send(429, "slow down", Retry_After="60")
    adapter = adapter_for(tired, fresh, concurrency=1)
    assert not any(reply.error for reply in all_replies(adapter, night))
    assert len(tired.windows) == 1
    assert len(fresh.windows) == 5


def test_a_server_that_is_down_leaves_the_work_to_the_other(start_server, adapter_for, night):
    gone, there = start_server(), start_server()
    gone.stop()
    replies = all_replies(adapter_for(gone, there), night)
    assert [reply.text for reply in replies] == [TINY_REPLY] * 5


FAULTS = [
    (lambda exchange: exchange.send(500, "CUDA error"), "answered 500", "CUDA error"),
    (lambda exchange: exchange.send(200, HTML), "the answer is HTML", HTML),
    (Exchange.break_off, "the answer broke off", '{"model": "tiny", "choi'),
    (lambda exchange: exchange.send(200, '{"choices": [{'), "no whole JSON", '{"choices": [{'),
    (lambda exchange: exchange.send(200, '{"choices": []}'), "holds no reply", '{"choices": []}'),
    (lambda exchange: exchange.send(400, "too long"), "answered 400: too long", "too long"),
    (Exchange.hang, "no answer within 0.15 s", ""),
    (Exchange.drip, "no answer within 0.15 s", ""),
]


@pytest.mark.parametrize(("behave", "says", "stored"), FAULTS)
def test_an_epoch_without_an_answer_fails_alone_with_its_reason_and_what_came(
    server,
    adapter_for,
    night,
    behave,
    says,
    stored,
):
    def fail_once(exchange):
        about_epoch_3 = exchange.body["messages"][1] == third["messages"][1]
        behave(exchange) if about_epoch_3 else exchange.complete()

    adapter = adapter_for(server, timeout_s=0.15, guided=False)
    all_replies(adapter, night, [3])
    third = server.windows[-1]
    server.behave = fail_once
    replies = all_replies(adapter, night)
    assert [reply.epoch for reply in replies if reply.error] == [3]
    assert says in replies[3].error
    assert replies[3].text == stored
    assert len(replies[3].pixel_sha256) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_servers_that_take_nothing_are_away_and_no_epoch_is_blamed(
    server, adapter_for, night, status
):
    adapter = adapter_for(server)
    server.behave = lambda exchange: exchange.send(status, HTML)
    with pytest.raises(AdapterAwayError, match=f"model server 1 answered {status}"):
        all_replies(adapter, night)


def test_a_server_that_goes_away_in_between_keeps_what_it_answered(server, adapter_for, night):
    answered = []

    def two_only(exchange):
        answered.append(1)
        exchange.complete() if len(answered) <= 2 else exchange.send(503, "")

    server.behave = two_only
    groups = adapter_for(server, concurrency=1).replies(night, range(5))
    assert [next(groups)[0].epoch, next(groups)[0].epoch] == [0, 1]
    with pytest.raises(AdapterAwayError):
        next(groups)


def test_a_server_that_is_not_there_is_away_when_the_model_is_loaded(server, adapter_for):
    server.stop()
    with pytest.raises(AdapterAwayError, match="cannot be reached"):
        adapter_for(server)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "refuses the key"),
        (404, "name of the model"),
        (301, "ends in /v1"),
    ],
)
def test_what_no_request_can_mend_stops_the_run_and_tells_no_secret(
    server, adapter_for, night, status, says
):
    server.behave = lambda exchange: exchange.send(status, f"not with {KEY}", Location=HTML)
    with pytest.raises(BundleError, match=says) as stopped:
        all_replies(adapter_for(server, guided=False), night)
    assert KEY not in str(stopped.value)
    assert "127.0.0.1" not in str(stopped.value)


def test_a_key_that_a_server_quotes_is_not_kept(server, adapter_for, night):
    server.behave = lambda exchange: exchange.send(400, f"no credit for {KEY}")
    reply = all_replies(adapter_for(server), night, [0])[0]
    assert KEY not in reply.text + reply.error
    assert "no credit for [key]" in reply.error


@pytest.mark.parametrize(
    "urls", ["", "gpu:8000", "ftp://gpu", "http://me:secret@gpu/v1", "http://[", "http://g:99999"]
)
def test_an_address_that_is_none_is_refused_without_being_shown(urls):
    with pytest.raises(BundleError, match="MODEL_SERVERS") as refused:
        servers_from_environment("MODEL_SERVERS", {"MODEL_SERVERS": urls})
    assert "secret" not in str(refused.value)


def test_a_server_shows_neither_its_address_nor_its_key():
    output = {"MODEL_SERVERS": "http://a/v1, https://b/v1/", "MODEL_SERVERS_KEY": KEY}
    first, second = servers_from_environment("MODEL_SERVERS", output)
    assert (first.url, second.url) == ("http://a/v1", "https://b/v1")
    assert "http" not in repr(first)
    assert KEY not in repr(first)


def test_a_server_may_say_in_two_ways_when_to_come_back():
    assert chat._retry_after_s("7") == 7
    assert chat._retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert chat._retry_after_s("soon") is None


@pytest.mark.parametrize(
    "variable", ["SECRET_KEY", "MODEL_SERVERSX", "model_servers", "MODEL_SERVERS_"]
)
def test_a_bundle_cannot_name_another_variable(tmp_path, variable):
    with pytest.raises(BundleError, match="addresses_in"):
        served_spec(tmp_path, addresses_in=variable)
