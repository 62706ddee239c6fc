"""Keys of an index: what pywb looks up. The whole list is compared with pywb's own in tests/foreign."""

import pytest

from archiver.formats.surt import surt
from archiver.model.errors import FormatError

KEYS = {
    "http://example.com/": "com,example)/",
    "https://www.Example.COM:443/A/B/?b=2&a=1": "com,example)/a/b?a=1&b=2",
    "http://www2.example.com:8080/x/../y//z/./": "com,example:8080)/y/z",
    "https://user:pw@example.org/p?q#frag": "org,example)/p?q",
    "https://example.org": "org,example)/",
    "https://example.org?x=1": "org,example)/?x=1",
    "http://127.0.0.1:8000/a": "1,0,0,127:8000)/a",
    "https://[::1]:8080/x": "::1:8080)/x",
    "https://example.org/%7Efoo/%E2%80%99/%25a?x=%2F&y=a%20b": "org,example)/~foo/%e2%80%99/%25a?x=/&y=a%20b",
    "https://مثال.example/مسار/?س=ع": "example,xn--mgbh0fb)/%d9%85%d8%b3%d8%a7%d8%b1?%d8%b3=%d8%b9",
    "https://example.org/a?sid=0123456789abcdef0123456789abcdef&b=1": "org,example)/a?b=1",
    "https://example.org/a?b=1&phpsessid=0123456789abcdef0123456789abcdef": "org,example)/a?&b=1",
    "https://example.org/a?": "org,example)/a",
    "https://example.org/a?a&a-b=1&a=2&A=1": "org,example)/a?a&a=1&a=2&a-b=1",
    "https://example.org/../..": "org,example)/",
    "https://example.org/a b": "org,example)/a%20b",
    "urn:view:https://example.com/Page?b=2&a=1": "urn:view:https://example.com/page?a=1&b=2",
    "urn:text:https://example.com/": "urn:text:https://example.com",
}


@pytest.mark.parametrize(("url", "key"), KEYS.items())
def test_an_address_has_this_key(url: str, key: str) -> None:
    assert surt(url) == key


def test_a_host_that_idna_does_not_take_is_escaped() -> None:
    assert surt("https://" + "é" * 70 + ".example/").startswith("example,%C3%A9")


def test_what_has_no_host_is_refused() -> None:
    with pytest.raises(FormatError, match="no host"):
        surt("https://a:b:c/")
