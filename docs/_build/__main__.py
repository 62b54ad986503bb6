"""`make docs`: build the site into build/docs/site and check its links."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from .catalog_pages import model_pages
from .figures import CHART, chart, figures_page, results
from .links import broken_links
from .reference_pages import (
    mkdocstrings_page,
    operations_page,
    plain_page,
    reference_pages,
    sources,
)
from .refusals import lint_page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BUILD = ROOT / "build" / "docs"

_ENTRY = re.compile(r'^( +)"([\w/-]+\.md)",\n', re.MULTILINE)


def main(build: Path = BUILD) -> int:
    """Build the site in this folder; return 1 if the build fails or a link leads nowhere."""
    shutil.rmtree(build, ignore_errors=True)
    pages, site = build / "pages", build / "site"
    texts = written_pages()
    generated = generated_pages()
    for path, text in {**texts, **generated}.items():
        target = pages / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for folder in ("assets", "screenshots"):
        shutil.copytree(DOCS / folder, pages / folder)
    (pages / CHART).write_text(chart(results(ROOT)), encoding="utf-8")
    configuration = settings(texts, generated)
    (build / "zensical.toml").write_text(configuration, encoding="utf-8")
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "-f", "zensical.toml"],
        cwd=build,
        check=False,
    )
    if built.returncode:
        return built.returncode
    for name in (".cache", "pages"):  # not part of the site
        shutil.rmtree(site / name, ignore_errors=True)
    write_plain(site, {**texts, **generated})
    listed = "\n".join(llms_index(configuration, {**texts, **generated})) + "\n"
    (site / "llms.txt").write_text(listed, encoding="utf-8")
    problems = broken_links(site)
    print("\n".join(problems) or f"{len(list(site.rglob('*.html')))} pages in {site}")
    return 1 if problems else 0


def written_pages() -> dict[str, str]:
    """Return the pages that are written by hand, by their path in the site."""
    paths = [*sorted(DOCS.rglob("*.md"))]
    texts = {str(path.relative_to(DOCS)): path.read_text(encoding="utf-8") for path in paths}
    return {**texts, "changes.md": (ROOT / "CHANGES.md").read_text(encoding="utf-8")}


def generated_pages() -> dict[str, str]:
    """Return the pages that are made of the catalog and of docstrings."""
    reference = reference_pages()
    entries = "\n".join(f"- [{page.title}]({Path(path).name})" for path, page in reference.items())
    return {
        **model_pages(ROOT),
        "reference/index.md": (
            "# Reference\n\nEvery public name, from its docstring.\n\n"
            f"{entries}\n- [Generated operations](operations.md)\n"
        ),
        **{path: mkdocstrings_page(page) for path, page in reference.items()},
        "reference/operations.md": operations_page(),
        "maintainers/lint-rules.md": lint_page(),
        "guides/figures.md": figures_page(results(ROOT)),
    }


def settings(texts: Mapping[str, str], generated: Mapping[str, str]) -> str:
    """Return the settings for the build: pages that are there, generated ones added.

    Raises:
        SystemExit: a page of docs/ is missing in the navigation.
    """
    text = (DOCS / "zensical.toml").read_text(encoding="utf-8")
    named = {found[2] for found in _ENTRY.finditer(text)}
    missing = sorted(texts.keys() - named)
    if missing:
        raise SystemExit(f"not in the navigation of docs/zensical.toml: {', '.join(missing)}")
    text = _ENTRY.sub(
        lambda found: found[0] if found[2] in texts or found[2] in generated else "", text
    )
    for title in ("Models", "Reference"):
        paths = [path for path in generated if path.startswith(f"{title.lower()}/")]
        entries = ", ".join(f'"{path}"' for path in paths)
        text = text.replace(f'"{title}" = "GENERATED"', f'"{title}" = [{entries}]')
    folders = ", ".join(f'"{path}"' for path in sources(ROOT))
    return text.replace('"SOURCES"', folders)


def write_plain(site: Path, pages: Mapping[str, str]) -> None:
    """Write each page as plain Markdown beside its HTML."""
    reference = reference_pages()
    for path, text in pages.items():
        plain = plain_page(reference[path]) if path in reference else text
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(plain, encoding="utf-8")


def llms_index(configuration: str, pages: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of `llms.txt`: the pages and their first sentences, as in the navigation."""
    yield "# runflow-client"
    yield ""
    yield "> The typed Python client for Runflow: run AI image, video and audio models and wait."
    for group in tomllib.loads(configuration)["project"]["nav"]:
        for section, paths in group.items():
            yield from ("", f"## {section}", "")
            for path in paths:
                title = re.search(r"^# (.*)$", pages[path], re.MULTILINE)
                yield f"- [{title[1] if title else path}]({path}){_summary(pages[path])}"


def _summary(text: str) -> str:
    """Return a colon and the first sentence below the title, without its links; else nothing."""
    lead = re.search(r"^# .*\n+((?!```|:::|[#|!<])[^\n]+(?:\n[^\n]+)*)", text, re.MULTILINE)
    if lead is None:
        return ""
    plain = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", lead[1].replace("**", ""))
    sentence = " ".join(plain.split()).partition(". ")[0]
    return f": {sentence.rstrip('.:')}."


if __name__ == "__main__":
    sys.exit(main(*(Path(folder).resolve() for folder in sys.argv[1:2])))
