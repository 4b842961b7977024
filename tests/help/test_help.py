"""The help: every page has one, it is true, and it leads nowhere wrong."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse

from epochwise.help.rendering import html_of
from epochwise.help.topics import DOCS, Text, guides, topic_of, topics
from tests.epochwise.test_permission_matrix import ENDPOINTS, EXPECTED, PERSONAL, PUBLIC

# What answers GET with a file, a part of a page, or another page.
NO_PAGES = {
    *("livez", "readyz", "healthz", "demo-login", "logout", "account_logout", "admin-logout"),
    *("admin-password", "desk:needs", "help:tour", "annotations:rating-gold-image"),
    *("annotations:export-row", "annotations:rating-results-json", "inference:recording-runs"),
    *("annotations:recording-assignments", "recordings:spectrogram", "studies:session-end"),
    *("studies:api-token-withdraw", "studies:sign-out-elsewhere", "notices:open", "notices:seen"),
}
NO_PAGE = re.compile(r"-csv$|-edf$|-tsv$|-progress$|-download$")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def is_of_the_api(name: str) -> bool:
    """Return whether a program asks this address: its path begins with that of the API."""
    space, _, short = name.rpartition(":")
    resolver = get_resolver().namespace_dict[space][1] if space else get_resolver()
    routes = [path for paths, *_ in resolver.reverse_dict.getlist(short) for path, _ in paths]
    assert routes, name
    return all(route.startswith("api/") for route in routes)


def pages() -> set[str]:
    read = {name for name, lines in EXPECTED.items() if any(one.method == "get" for one in lines)}
    names = {name for name in read | PERSONAL | PUBLIC if not is_of_the_api(name)}
    return {name for name in names if name not in NO_PAGES and not NO_PAGE.search(name)}


def test_every_page_has_its_help():
    assert {name for name in pages() if name not in topic_of(name).views} == set()


def test_a_page_with_a_bar_of_its_own_has_its_help_beside_the_keys():
    folder = settings.ROOT / "templates"
    shared = "help/_keys_dialog.html"
    assert "help/_loading.html" in (folder / shared).read_text()
    for path in folder.rglob("*.html"):
        words = path.read_text()
        if "{% block header_end %}" in words and path.name != "base.html":
            assert "help/_loading.html" in words or shared in words, path.name


def test_no_help_is_of_a_page_that_is_gone_and_no_page_has_two():
    views = [view for text in topics().values() for view in text.views]
    assert set(views) <= {*ENDPOINTS, *PERSONAL, *PUBLIC}
    assert sorted(set(views)) == sorted(views)


def test_a_page_without_a_name_has_the_index():
    assert topic_of("").title == topic_of("no:such-page").title == "Help"


def test_the_index_leads_to_every_text():
    index = topics()["index"]
    led_to = {(index.path.parent / link).resolve() for link in LINK.findall(index.path.read_text())}
    missing = {text.path for text in topics().values()} - led_to - {index.path}
    assert missing == set()


def test_links_of_the_help_lead_to_a_heading():
    texts = {text.path: text for text in [*topics().values(), *guides().values()]}
    missing = []
    for path, text in texts.items():
        for link in LINK.findall(path.read_text()):
            target, _, anchor = link.partition("#")
            other = (path.parent / target).resolve() if target else path
            if anchor and other in texts and f'id="h-{anchor}"' not in html_of(texts[other]):
                missing.append((text.title, link))
    assert missing == []


def words_of_the_site() -> str:
    """Return all texts from which pages are made, as one line."""
    folders = ("templates", "static/js", "platform", "annotations", "inference")
    files = [path for f in folders for path in (settings.ROOT / f).rglob("*.*")]
    texts = [p.read_text() for p in files if p.suffix in {".html", ".js", ".py"}]
    return re.sub(r"\s+", " ", " ".join(texts)).lower()


def test_what_the_help_names_in_bold_is_on_the_site():
    site = words_of_the_site()
    named = {
        (text.path.stem, name)
        for text in topics().values()
        for name in re.findall(r"\*\*(.+?)\*\*", text.path.read_text())
        if not name.endswith((".", "?"))
    }
    assert {pair for pair in named if pair[1].lower() not in site} == set()


def test_a_help_is_short_and_has_a_title():
    for name, text in topics().items():
        assert len(text.path.read_text().split()) < 350, name
        assert text.title != name


def made(path: Path, words: str) -> Text:
    path.write_text(words)
    return Text(path, "Title")


def test_html_in_a_text_stays_text(tmp_path):
    html = html_of(made(tmp_path / "a.md", "# <script>alert(1)</script>\n\n<b onclick=x>y</b>"))
    assert "<script" not in html
    assert "<b onclick" not in html


def test_links_lead_to_the_help_and_links_to_code_stay_words(tmp_path):
    words = f"[a]({DOCS}/lead.md#people) [b](https://example.org/) [c](../x.py) [d](#here)"
    html = html_of(made(tmp_path / "b.md", words))
    assert '<a href="/help/guides/lead/#h-people">a</a>' in html
    assert '<a href="https://example.org/" target="_blank" rel="noopener">b</a>' in html
    assert "<a>c</a>" in html
    assert '<a href="#h-here">d</a>' in html


def test_headings_of_the_same_words_have_different_ids(tmp_path):
    html = html_of(made(tmp_path / "c.md", "# One\n\n## Keys: all\n\n## Keys: all"), top=2)
    assert '<h2 id="h-one">' in html
    assert '<h3 id="h-keys-all">' in html
    assert '<h3 id="h-keys-all-1">' in html


@pytest.mark.django_db
class TestPages:
    def test_anybody_reads_the_help(self, client):
        for address in (
            reverse("help:index"),
            topics()["scoring"].address,
            guides()["lead"].address,
        ):
            answer = client.get(address)
            assert answer.status_code == 200
            assert b"<!doctype html>" in answer.content

    def test_htmx_gets_only_the_text(self, client):
        answer = client.get(topics()["scoring"].address, headers={"HX-Request": "true"})
        assert answer.content.lstrip().startswith(b"<article")
        assert "HX-Request" in answer["Vary"]

    @pytest.mark.parametrize("name", ["no-such-help", "lead", "readme"])
    def test_an_unknown_help_is_not_found(self, client, name):
        assert client.get(f"/help/{name}/").status_code == 404
        assert client.get("/help/guides/scoring/").status_code == 404

    def test_every_page_leads_to_its_help(self, client, lead, study):
        client.force_login(lead)
        for name in ("desk:settings", "studies:members"):
            page = client.get(reverse(name, args=[study.slug])).content.decode()
            assert f'href="{topic_of(name).address}" data-help-open' in page
        assert 'href="/help/" data-help-open' in client.get("/no/such/page/").content.decode()
