"""Fill requests: what a comparison lacks, fetched into the cache by a press (a dear one by two), and its outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.confirm import spend
from pages.state.context import jobs, product, settings
from pages.state.member import actor, member
from services.accounting import Requester, dear
from services.jobs import FILL, Job, job_id
from services.plan import Cost, Plan
from services.recipe import Recipe

PLACE = "wishes"
"""Where errors of these presses are shown."""
_CONFIRM, _PRESSED = "wishes_confirm", "wishes_pressed"
_SLACK = 0.05
"""Units, or MB, that nobody is asked again for."""


@dataclass(frozen=True)
class FillRequest:
    """What one press starts."""

    recipes: tuple[Recipe, ...]
    """All planes of each are to be in the cache."""
    words: str
    """What people call it: `2018, ≤ 20 %`."""
    cost: Cost = Cost()  # noqa: RUF009 - frozen
    """What it was said to cost."""


def fill_request(recipes: Sequence[Recipe], words: str) -> None:
    """For a press: start the jobs, or keep why not for `messages.recall(PLACE)`, or ask for a second press."""
    with messages.caught(PLACE):
        asked = FillRequest(tuple(recipes), words)
        cost = _price(asked)
        if dear(cost, settings()):
            st.session_state[_CONFIRM] = replace(asked, cost=cost)
        else:
            _start(asked)


def second_press(place: str) -> None:
    """Where a dear request waits for it: its price and two buttons. `place` tells apart where it may be shown."""
    waiting: FillRequest | None = st.session_state.get(_CONFIRM)
    messages.recall(PLACE)
    if waiting is None:
        return
    words = product().provider(waiting.recipes[0]).words
    spend(words, waiting.cost, f"It is for {waiting.words}", _CONFIRM, place=place, act=_agree, args=(waiting,))


def price(recipe: Recipe, plans: Iterable[Plan]) -> str:
    """`40 requests, 62.1 units`, of plans at the recipe's provider."""
    return product().provider(recipe).words.price_with_requests(sum((plan.cost for plan in plans), Cost()))


def failed_requests() -> tuple[tuple[str, Job], ...]:
    """Those of this session that ended with an error, and what they were called."""
    pressed: dict[str, str] = st.session_state.get(_PRESSED, {})
    found = ((words, jobs().get(key)) for key, words in pressed.items())
    return tuple((words, job) for words, job in found if job is not None and job.state == "failed")


def stop(under_way: Iterable[Job]) -> None:
    """For a press: ask these jobs to stop."""
    with messages.caught(PLACE):
        for job in under_way:
            jobs().cancel(job.id, actor())


def _price(asked: FillRequest) -> Cost:
    """What it costs now. Raises BudgetReached where one job, or all together, would pass a limit."""
    total = Cost()
    for recipe in asked.recipes:
        quoted = product().price(recipe, _lacking(recipe), member(), making=False)
        if quoted.refusal is not None:
            raise quoted.refusal
        total += quoted.cost
    first = asked.recipes[0]
    spent = product().ledger.spending(Requester(first.provider, member(), first.digest, run=""))
    product().budget(product().provider(first), member()).of_months.check(total, spent, member())
    return total


def _lacking(recipe: Recipe) -> Plan:
    """Nothing where the catalogue's answer is not kept: the job asks for it."""
    estimate = product().estimate_known(recipe)
    return estimate[1] if estimate else Plan((), 0, 0)


def _agree(waiting: FillRequest) -> None:
    """The second press; of what has become dearer meanwhile a third one."""
    st.session_state.pop(_CONFIRM, None)
    with messages.caught(PLACE):
        cost, told = _price(waiting), waiting.cost
        if cost.units > told.units + _SLACK or cost.bytes > told.bytes + _SLACK * 1e6:
            st.session_state[_CONFIRM] = replace(waiting, cost=cost)
        else:
            _start(waiting)


def _start(asked: FillRequest) -> None:
    pressed: dict[str, str] = st.session_state.setdefault(_PRESSED, {})
    for recipe in asked.recipes:
        if not _lacking(recipe).is_whole:
            jobs().submit(FILL, recipe, actor())
            pressed[job_id(FILL, recipe)] = asked.words
