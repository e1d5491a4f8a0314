"""Every answer carries the content policy, and no page needs more than it allows."""

import pytest
from django.test import Client

from tests.ui.test_templates import violations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_site")]

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ADDRESSES = [
    "/",
    "/customers/",
    "/customers/?tier=Z",
    "/about/",
    "/status/",
    "/nothing/",
    "/customers/?q=%00",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_answers_carry_the_policy_and_keep_to_it(rep: Client, address: str) -> None:
    answer = rep.get(address)
    directives = {part.strip() for part in answer["Content-Security-Policy"].split(";")}
    assert directives >= POLICY
    assert not any("unsafe" in directive for directive in directives)
    assert violations(answer.content.decode()) == []


@pytest.mark.parametrize("address", ["/accounts/login/", "/nothing/"])
def test_pages_for_visitors_do_too(address: str) -> None:
    answer = Client().get(address)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert violations(answer.content.decode()) == []


@pytest.mark.parametrize("address", ["/static/css/base.css", "/static/img/mark.svg", "/static/nothing.css"])
def test_static_files_carry_what_pages_carry(rep: Client, address: str) -> None:
    page, file = rep.get("/about/"), rep.get(address)
    assert file.status_code == (404 if "nothing" in address else 200)
    for name in (
        "Content-Security-Policy",
        "Cross-Origin-Embedder-Policy",
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
    ):
        assert sorted(file[name].split("; ")) == sorted(page[name].split("; ")), name
    assert "Access-Control-Allow-Origin" not in file
    assert file["Cache-Control"] == ("no-store" if file.status_code == 404 else "max-age=60, public")


def test_htmx_may_not_evaluate_text(rep: Client) -> None:
    page = rep.get("/").content.decode()
    assert '"allowEval": false' in page
    assert '"includeIndicatorStyles": false' in page
    assert '{"code": "422", "swap": true}' in page


def test_about_names_the_parts_and_the_data(rep: Client) -> None:
    page = rep.get("/about/").content.decode()
    assert "Chen, D. (2015). Online Retail [Dataset]. UCI Machine Learning Repository." in page
    assert "https://doi.org/10.24432/C5BW33" in page
    for part in ("bootstrap", "htmx.org", "SIL Open Font License 1.1"):
        assert part in page
