"""Somebody with a browser, without the browser: cookies, forms, redirects."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar

_TOKEN = re.compile(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """An answer, after redirects."""

    status: int
    url: str
    headers: Message
    content: bytes

    @property
    def text(self):
        """The content as text."""
        return self.content.decode("utf-8", "replace")

    def links(self, part):
        """The addresses in this page that contain `part`."""
        return [
            html.unescape(link)
            for link in re.findall(r'(?:href|action)="([^"]+)"', self.text)
            if part in link
        ]


class Visitor:
    """One person's session with the pages at `base_url`."""

    def __init__(self, base_url, language="en"):
        self.base_url = base_url
        self.cookies = CookieJar()
        self.headers = {"Accept-Language": language}
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, path, **headers):
        """GET `path` (or a whole address)."""
        return self._open(urllib.request.Request(self._address(path), headers={**self.headers, **headers}))

    def post(self, path, fields=None, **headers):
        """POST a form to `path`, with the token of the page that was opened there before."""
        fields = {"csrfmiddlewaretoken": self._csrf_token(), **(fields or {})}
        content = urllib.parse.urlencode(fields, doseq=True).encode()
        return self.request("POST", path, content, **{"Referer": self._address(path), **headers})

    def request(self, method, path, content=None, **headers):
        """Send any request."""
        made = urllib.request.Request(
            self._address(path), data=content, method=method, headers={**self.headers, **headers}
        )
        return self._open(made)

    def sign_in(self, address, password):
        """Sign in by the form; return the page that follows."""
        page = self.get("/accounts/login/")
        token = _TOKEN.search(page.text)
        assert token, page.text
        fields = {"login": address, "password": password, "csrfmiddlewaretoken": token[1]}
        return self.post("/accounts/login/", fields)

    def _csrf_token(self):
        return next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), "")

    def _address(self, path):
        return urllib.parse.urljoin(self.base_url, path)

    def _open(self, request):
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Page(answer.status, answer.url, answer.headers, answer.read())
