"""What MkDocs does beside itself for this site: pages made from the code, and pages in other languages.

Events: https://www.mkdocs.org/dev-guide/plugins/#events. MkDocs has no types of its own for what it hands to hooks, so that theirs are
told in words.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any, Final

from mkdocs.structure.files import File
from tools.documentation import commands, engines, errors, metrics, routes, settings
from tools.documentation.tables import LANGUAGES, Language, with_tables

PAGES: Final[dict[str, Callable[[], str]]] = {
    "reference/settings.md": settings.page,
    "reference/commands.md": commands.page,
    "reference/routes.md": routes.page,
    "reference/errors.md": errors.page,
    "reference/metrics.md": metrics.page,
    "reference/engines.md": engines.page,
}
"""The pages that are made, by their place in the site."""

_TO_SOURCE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!docs/)([^)#]+)\)")


def language_of(source: str) -> Language:
    """The language of a page, by the folder that it is in."""
    for language in LANGUAGES:
        if source.startswith(language + "/"):
            return language
    return "en"


def on_files(files: Any, *, config: Any) -> Any:
    """Add the pages that are made."""
    for place, make in PAGES.items():
        files.append(File.generated(config, place, content=make()))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """Put tables in place; name files of the source, which are no part of the site, without a link."""
    source: str = page.file.src_uri
    if source in PAGES:
        return markdown

    def without_link(link: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[0].partition("](")[2][:-1]))
        return link[0] if not place.startswith("..") else f"{link[1]} (`{link[2]}`)"

    return with_tables(_TO_SOURCE.sub(without_link, markdown), language_of(source))


def on_page_context(context: Any, *, page: Any, config: Any, nav: Any) -> Any:
    """Words of the theme in the page's language; the list of languages leads to the same page in each, where there is one."""
    language = language_of(page.file.src_uri)
    config.theme["language"] = language
    name = page.file.src_uri.removeprefix(language + "/")
    pages = {each.file.src_uri: each.file.url for each in nav.pages}
    config.extra["alternate"] = [
        {"name": _NAMES[other], "lang": other, "link": pages.get(_place(name, other), pages[_place("index.md", other)])}
        for other in LANGUAGES
    ]
    return context


_NAMES: Final[dict[Language, str]] = {"en": "English", "ko": "한국어", "zh": "中文", "ja": "日本語"}


def _place(name: str, language: Language) -> str:
    return name if language == "en" else f"{language}/{name}"


def on_post_page(output: str, *, page: Any, config: Any) -> str:
    """Without the links at which the theme would look for maps of other sites: there is one, and a disk serves none."""
    return re.sub(r'<link rel="alternate" href="[^"]*" hreflang="[^"]*">', "", output)
