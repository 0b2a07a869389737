"""Current facts from the web: whether a prompt needs any, who is asked, and what is made of the answers."""

from opendance.search.need import Query, queries_for
from opendance.search.search import Searched, Searcher, load_searcher

__all__ = ["Query", "Searched", "Searcher", "load_searcher", "queries_for"]
