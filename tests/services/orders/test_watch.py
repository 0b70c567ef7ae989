"""While an order runs: questions that somebody waits for go first, and whoever asks it to stop is heard."""

import threading

import pytest

from services.errors import Cancelled
from services.jobs import FETCH, JobStore
from services.orders import OrderStore
from services.orders.watch import PATIENT, OrderWatch
from tests.actors import a_member
from tests.services.databases import Place
from tests.services.orders.test_order import RECIPE
from tests.services.orders.test_store import ORDER


def test_an_order_waits_for_jobs_and_says_so_until_it_is_paused(place: Place) -> None:
    database, anna = place.open(), a_member("anna")
    store, jobs, lock = OrderStore(database), JobStore(database), database.locks.worker()
    store.submit(ORDER, anna, cap=0, share=1)
    row = store.claim(lock.name)
    assert row is not None
    watch = OrderWatch(store, jobs, row, lambda: False)
    watch.take_turn()  # nobody waits
    job = jobs.submit(FETCH, RECIPE, anna)
    waiting = threading.Thread(target=watch.take_turn)
    waiting.start()
    while store.found(row.id).waiting != PATIENT:
        assert waiting.is_alive()
    jobs.cancel(job.id, anna)
    waiting.join(10)
    assert not waiting.is_alive() and store.found(row.id).waiting == ""
    jobs.resume(job.id, anna)
    store.pause(row.id, anna)
    with pytest.raises(Cancelled):
        watch.take_turn()
    assert watch.row.pause
    lock.close()
