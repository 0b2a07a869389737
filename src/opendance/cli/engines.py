"""opendance engines: which there are, who serves what, what this machine can run, and whether one works."""

from __future__ import annotations

import json

import typer
from rich.table import Table
from rich.text import Text

from opendance.catalog import MODELS
from opendance.cli.common import AsJson, ConfigFile, app
from opendance.cli.engine_check import check_engine
from opendance.cli.engine_weights import get_engine, recommend_engines, remove_engine
from opendance.cli.printing import out, say
from opendance.engines.configured import Engines
from opendance.engines.routes import read_routes
from opendance.settings import Settings, load_settings

engines = typer.Typer(help="The engines: list, recommend, get, check and remove them.", no_args_is_help=True)
app.add_typer(engines, name="engines")
engines.command("recommend")(recommend_engines)
engines.command("get")(get_engine)
engines.command("remove")(remove_engine)
engines.command("check")(check_engine)


@engines.command("list")
def list_engines(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Every engine, what it needs, which models it makes here, and what would let it make others; and each route."""
    settings = load_settings(config)
    known = Engines(settings.engine)
    asked = read_routes(settings.routes, known).asked_of
    routes = {model.id: asked(model, settings.engines) for model in MODELS.values()}
    places = {
        name: [f"{model} ({names.index(name) + 1})" for model, names in routes.items() if name in names]
        for name in known
    }
    notes = {name: "" if places[name] else _how_to_use(settings, known, name) for name in known}
    if as_json:
        rows = [
            {
                "name": name,
                "summary": facts.summary,
                "licence": facts.licence or None,
                "missing": facts.missing(),
                "serves": places[name],
                "otherwise": notes[name] or None,
            }
            for name, facts in known.items()
        ]
        say(json.dumps(rows))
        return
    table = Table("engine", "what it is", "makes (place in the route)")
    for name, facts in known.items():
        what = Text(facts.summary)
        if facts.licence:
            what.append(f"\nlicence: {facts.licence}")
        if missing := facts.missing():
            what.append(f"\nmissing: {', '.join(missing)}", "yellow").append(f"; {facts.install}" * bool(facts.install))
        all_or_some = "all nine models" if len(places[name]) == len(MODELS) else "\n".join(places[name])
        table.add_row(name, what, all_or_some or f"nothing; {notes[name]}")
    out.print(table)
    shown = Table("model", "engines, best first")
    for names in dict.fromkeys(routes.values()):
        models = [model for model, those in routes.items() if those == names]
        engine_names = ", ".join(name + " (not installed here)" * bool(known[name].missing()) for name in names)
        shown.add_row("all nine" if len(models) == len(MODELS) else "\n".join(models), engine_names or "NONE")
    out.print(shown)


def _how_to_use(settings: Settings, known: Engines, name: str) -> str:
    """What would let an engine make videos that makes none."""
    facts = known[name]
    if facts.only_by_name:
        return f"a test engine, used where OPENDANCE_ENGINES={name} says so"
    if name in read_routes(settings.routes, known).names:
        return f"OPENDANCE_ENGINES names others: {', '.join(settings.engines or ())}"
    return f"name it in [routes]{f', or set it up in [engine.{name}]' * facts.must_be_set_up}"
