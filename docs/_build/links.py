"""Check the built site: every internal link leads to a file and, with a fragment, to an anchor."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name in ("id", "name"):
                self.anchors.add(value)
            elif name in ("href", "src"):
                self.links.append(value)


@cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken_links(site: Path) -> list[str]:
    """Return a line for each link of the site that leads nowhere."""
    _read.cache_clear()
    broken: list[str] = []
    for path in sorted(site.rglob("*.html")):
        if path.name == "404.html":  # its links are absolute, for it is served at every address
            continue
        for link in _read(path).links:
            problem = _problem(site, path, link)
            if problem:
                broken.append(f"{path.relative_to(site)}: {link}: {problem}")
    return broken


def _problem(site: Path, path: Path, link: str) -> str | None:
    address = urlsplit(link)
    if address.scheme or address.netloc:
        return None
    target = path
    if address.path:
        base = site if address.path.startswith("/") else path.parent
        target = (base / unquote(address.path).lstrip("/")).resolve()
        if target.is_dir():
            target /= "index.html"
    if not target.is_file():
        return "there is no such file"
    if not address.fragment or target.suffix != ".html":
        return None
    found = unquote(address.fragment) in _read(target).anchors
    return None if found else "there is no such anchor"
