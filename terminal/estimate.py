"""The bill before a fetch."""

import uuid
from functools import partial
from typing import TYPE_CHECKING

from terminal.member import Member, member_name
from terminal.options import Json, area_options, asks, date_options, picture_options
from terminal.output import people, say
from terminal.providers import tell_gaps
from terminal.question import Question
from terminal.vetoes import by_hand

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.accounting import CostEstimate
    from services.plan import Plan


@asks(area_options, date_options, picture_options)
def estimate(question: Question, member: Member = "", as_json: Json = False) -> None:
    """Say what a fetch would ask for and cost, and what the cache has."""
    from services.accounting import Requester
    from services.ninepatch import Ninepatch
    from services.runtime import archive_where_needed
    from terminal.slivers import slivers_told

    recipe, run = question.recipe, uuid.uuid4().hex
    with archive_where_needed(question.settings, recipe.provider) as settings:
        product, name = Ninepatch(settings), member_name(member, settings)
        recipe = by_hand(recipe, question.veto, question.include, partial(product.search, member=name, run=run))
        tell_gaps(product, recipe)
        kept, planned = product.estimate(recipe, member=name, run=run)
        asked = product.ledger.spending(Requester(recipe.provider, name, recipe.digest, run)).run
        quote = product.price(recipe, planned, name)
        words = product.provider(recipe).words
        slivers = slivers_told(product, recipe)
    plain = bill(len(kept), planned, quote, units=bool(words.units)) | {"catalogue_requests": asked.requests}
    plain["seconds_of_mask"] = round(planned.seconds / settings.workers, 1) if planned.computed else None
    say(plain if as_json else {key: value for key, value in plain.items() if value is not None}, as_json)
    if asked.requests and not as_json:
        print(f"The catalogue was asked: {words.price_with_requests(asked)}.")
    if planned.requests and not as_json:
        print(f"It costs {words.price_of(planned.cost, quote.quota)}.")
    if planned.computed and not as_json:
        print(f"Clouds are found here: about {plain['seconds_of_mask']} s where nothing else runs, then kept.")
    if slivers:
        people.print(slivers, markup=False, highlight=False, soft_wrap=True)
    if quote.refusal is not None:
        people.print(str(quote.refusal), markup=False, highlight=False, soft_wrap=True)


def bill(dates: int, planned: "Plan", quote: "CostEstimate", *, units: bool) -> dict[str, object]:
    """What stands on it; None what the provider does not count."""
    requests = bool(quote.quota_requests)
    return {
        "acquisitions": dates,
        "requests": planned.requests,
        "units": round(planned.units, 4) if units else None,
        "month_quota_percent": round(100 * quote.share, 2) if units else None,
        "month_spent_percent": round(100 * quote.spent_share, 2) if units else None,
        "month_requests_percent": round(100 * quote.request_share, 2) if requests else None,
        "month_requests_spent_percent": round(100 * quote.spent_request_share, 2) if requests else None,
        "megabytes": round(planned.bytes / 1e6, 1),
        "bytes": planned.bytes,
        "month_spent_bytes": quote.spent.bytes,
        "seconds_at_rate_limit": round(quote.seconds),
        "seconds_expected": round(quote.expected),
        "pixels": planned.pixels,
        "planes_wanted": planned.wanted,
        "planes_cached": planned.cached,
        "within_budget": quote.refusal is None,
    }
