"""Orders: the question of a whole area in; its bill, its parts and what became of each of them out."""

from services.orders.bill import OrderBill
from services.orders.made import Box, box_of, copy_order, gaps_of, made_area, made_tile, tile_files, whole_files
from services.orders.order import OUTPUTS, USUAL_OUTPUTS, Order, Sheet
from services.orders.rows import (
    ENDED_PARTS,
    FAILED,
    OPEN,
    ORDER_STATES,
    PART_STATES,
    PAUSED,
    PICTURED,
    Failure,
    OrderReport,
    OrderRow,
    OtherOrder,
    PartRow,
    SameArea,
)
from services.orders.run import OrderRun
from services.orders.service import OrderService
from services.orders.store import MOST_ATTEMPTS, SOMEBODY, OrderStore
from services.orders.workshop import Workshop

__all__ = [
    "ENDED_PARTS",
    "FAILED",
    "MOST_ATTEMPTS",
    "OPEN",
    "ORDER_STATES",
    "OUTPUTS",
    "PART_STATES",
    "PAUSED",
    "PICTURED",
    "SOMEBODY",
    "USUAL_OUTPUTS",
    "Box",
    "Failure",
    "Order",
    "OrderBill",
    "OrderReport",
    "OrderRow",
    "OrderRun",
    "OrderService",
    "OrderStore",
    "OtherOrder",
    "PartRow",
    "SameArea",
    "Sheet",
    "Workshop",
    "box_of",
    "copy_order",
    "gaps_of",
    "made_area",
    "made_tile",
    "tile_files",
    "whole_files",
]
