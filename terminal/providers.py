"""Where pixels may come from: the list, whether they can be used, and what one lacks of the days."""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.recipe import Recipe
from services.settings import OPEN, Settings, load_settings
from services.storage import Database
from terminal.member import member_name
from terminal.options import Json
from terminal.output import people

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.accounting import RequestMeter
    from services.ninepatch import Ninepatch
    from services.providers import Page, Provider, Source, TryCallback

_LEAST = 0.01
"""Units of a page of a catalogue (Sentinel Hub documentation, "Processing unit definition")."""


def providers(
    name: Annotated[
        str, typer.Argument(help="One of them, or `open` for all open catalogues; else the chosen one is checked.")
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="Try it, step by step, at next to no cost.")] = False,
    as_json: Json = False,
) -> None:
    """List the providers that are known, and with --check whether one works: `providers --check open`."""
    from services.providers import all_providers, default_provider

    settings = load_settings()
    default = default_provider(settings)
    rows = [
        {"name": p.name, "title": p.title, "base_url": p.base_url}
        | {"simulated": p.simulated, "chosen": p.name == default.provider.name}
        for p in all_providers(settings)
    ]
    steps = check_steps(settings, name or default.provider.name) if check or name else []
    if as_json:
        print(json.dumps({"providers": rows, "why": default.why, "check": steps}))
    else:
        for row in rows:
            mark, kind = "*" if row["chosen"] else " ", " (simulated)" if row["simulated"] else ""
            print(f"{mark} {row['name']:<18} {row['title']}{kind}  {row['base_url']}".rstrip())
        print(default.why)
        for step in steps:
            print(f"{'works ' if step['ok'] else 'FAILED'} {step['provider']} {step['step']}: {step['sentence']}")
    if not all(step["ok"] for step in steps):
        raise typer.Exit(4)


def check_steps(settings: Settings, name: str) -> list[dict[str, Any]]:
    """What was tried of the provider of that name; or of each that is open data, and whether all that may be asked and
    make no pixels up give the same numbers."""
    from services.accounting import MeteredSource
    from services.providers import agreement, all_providers, find_provider
    from services.runtime import archive_where_needed

    name = name if name == OPEN else find_provider(settings, name).name  # `auto` may be the demo archive
    with archive_where_needed(settings, name) as ready:
        known = all_providers(ready) if name == OPEN else ()
        asked = [one for one in known if one.open_data] or [find_provider(ready, name)]
        bills = {one.name: _bill(ready, one) for one in (*known, *asked)}
        steps = [
            {"provider": one.name, **asdict(step)}
            for one in asked
            for step in one.check(ready, partial(_page, bills[one.name], one, ready))
        ]
        failed = {step["provider"] for step in steps if not step["ok"]}
        able = [one for one in known if one.ready and not one.simulated and one.name not in failed]

        def opened(one: "Provider") -> "Source":
            return MeteredSource(one.open(ready), one, bills[one.name])

        agreed = ((one, agreement(able[0], one, opened)) for one in able[1:])
        return [*steps, *({"provider": one.name, **asdict(step)} for one, step in agreed)]


def _bill(settings: Settings, provider: "Provider") -> "RequestMeter":
    """What a check asks for is in the ledger too, under the name of who checks."""
    from services.access import Roster
    from services.accounting import Budget, Ledger, Requester, RequestMeter

    database, member = Database.of(settings), member_name("", settings)
    budget = Budget.of(settings, provider.limits, Roster(settings, database).budget(member))
    return RequestMeter(Ledger(database), budget, Requester(provider.name, member, "", uuid.uuid4().hex))


def _page(
    bill: "RequestMeter", provider: "Provider", settings: Settings, send: "Callable[[TryCallback], Page]"
) -> "Page":
    """One page, of the least that one costs where it costs anything."""
    from services.plan import Cost

    return bill.ask_page(provider.open(settings), Cost(_LEAST if provider.words.units else 0.0, 1), send)


def gaps_told(product: "Ninepatch", recipe: Recipe) -> tuple[str, ...]:
    """Sentences: what the provider lacks of the days, and which other catalogue has them; none where it has all."""
    from services.providers import without_gaps

    provider = product.provider(recipe)
    lacks = provider.gaps(recipe.interval)
    others = without_gaps(product.settings, provider, recipe.interval)
    offers = (f"{one.title} may have these days: add --provider {one.name}." for one in others)
    return (lacks, *offers) if lacks else ()


def tell_gaps(product: "Ninepatch", recipe: Recipe) -> None:
    """For people, beside the answer."""
    for told in gaps_told(product, recipe):
        people.print(told, markup=False, highlight=False, soft_wrap=True)
