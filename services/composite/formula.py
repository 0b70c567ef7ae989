"""Index formulas: a text of bands, numbers and arithmetic in, what computes it out; parsed here, never evaluated as
code.

A formula is of reflectance, for constants as EVI's 1 are. It has one canonical text, so that one key whatever its
spacing, and one for links, in which no sign needs an escape: `:` divides, and a sum is a difference of what is negated.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.errors import RecipeError
from services.reducers import Planes
from services.sentinel2 import BANDS, DN_PER_UNIT
from services.text import quoted

MOST_SIGNS, MOST_DEPTH, MOST_POWER, MOST_NUMBER = 400, 24, 8, 1e6
"""Of a formula: characters, parentheses within each other, its largest exponent and number."""
Values = NDArray[np.float32]
FUNCTIONS: Mapping[str, tuple[int, Callable[..., Values]]] = {
    "sqrt": (1, np.sqrt),
    "abs": (1, np.abs),
    "log": (1, np.log),
    "exp": (1, np.exp),
    "min": (2, np.minimum),
    "max": (2, np.maximum),
}
"""Name → how many numbers it takes, and what it does; `log` is the natural one."""
_OPERATORS: Mapping[str, tuple[int, Callable[..., Values]]] = {
    "+": (1, np.add),
    "-": (1, np.subtract),
    "*": (2, np.multiply),
    "/": (2, np.divide),
    "**": (4, np.power),
}
"""Sign → how close it binds, and what it does; a sign before a product stands at 1."""
_NEGATED, _ATOM = 1, 5
_TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|([A-Za-z][A-Za-z0-9]*)|(\*\*|[-+*/:(),−×÷·^]))", re.ASCII)
_SAME = {":": "/", "÷": "/", "−": "-", "×": "*", "·": "*", "^": "**"}
"""Other signs that people write."""
_WORDS = {"+": " + ", "-": " − ", "*": " × ", "/": " / ", "**": " ** "}
_LINK = {"+": "--", "-": "-", "*": "*", "/": ":", "**": "**"}
_REMEDY = (
    f"A formula is made of bands ({', '.join(BANDS)}), numbers, + − * / **, parentheses, and {', '.join(FUNCTIONS)}."
)


@dataclass(frozen=True)
class Node:
    """A band, a number, or what is done to others."""

    kind: str
    """`band`, `number`, `negated`, a sign of `_OPERATORS`, or a name of `FUNCTIONS`."""
    band: str = ""
    number: float = 0.0
    of: tuple["Node", ...] = ()

    def value(self, planes: Mapping[str, Values]) -> Values:
        """In float32, an array where a band is in it; infinite or NaN where it is not defined."""
        if self.kind == "band":
            return planes[self.band]
        if self.kind == "number":
            return np.asarray(self.number, np.float32)
        values = [one.value(planes) for one in self.of]
        if self.kind == "negated":
            return -values[0]
        _, do = _OPERATORS.get(self.kind) or FUNCTIONS[self.kind]
        return do(*values)

    def text(self, signs: Mapping[str, str], outside: int = 0) -> str:
        """As few parentheses as keep the order of computing; `outside` is how close the sign beside it binds."""
        minus = signs["-"].strip()
        if self.kind in FUNCTIONS:
            return f"{self.kind}({','.join(one.text(signs) for one in self.of)})"
        if self.kind in ("band", "number"):
            return self.band or np.format_float_positional(self.number, trim="-")
        if self.kind == "negated":
            binds, said = _NEGATED, minus + self.of[0].text(signs, _NEGATED + 1)
        else:
            binds = _OPERATORS[self.kind][0]
            before, after = (binds + 1, binds) if self.kind == "**" else (binds, binds + 1)
            left, right = self.of[0].text(signs, before), self.of[1].text(signs, after)
            said = f"{left}{signs[self.kind]}{right}"
        return f"({said})" if binds < outside else said


def _negated(one: Node) -> Node:
    return one.of[0] if one.kind == "negated" else Node("negated", of=(one,))


def _sum(sign: str, left: Node, right: Node) -> Node:
    """What is added negated is subtracted, and the other way round: the same number to the last bit."""
    if right.kind == "negated":
        sign, right = "+" if sign == "-" else "-", right.of[0]
    return Node(sign, of=(left, right))


@dataclass(frozen=True)
class BandFormula:
    """What computes an index of the planes of its bands."""

    tree: Node
    bands: tuple[str, ...]
    """What it takes, in the order of Sentinel-2's bands."""

    @property
    def words(self) -> str:
        """`(B08 − B04) / (B08 + B04)`: for people."""
        return self.tree.text(_WORDS)

    @property
    def link(self) -> str:
        """`(B08-B04):(B08--B04)`: for links, paths and keys; `parse_formula` reads it."""
        return self.tree.text(_LINK)

    def __call__(self, planes: Planes) -> Values:
        """Of DN, a plane a band; NaN where it is not a finite number."""
        unit = np.float32(DN_PER_UNIT)
        reflectance = {
            band: np.divide(plane, unit, dtype=np.float32) for band, plane in zip(self.bands, planes, strict=True)
        }
        with np.errstate(all="ignore"):
            found = np.array(self.tree.value(reflectance), np.float32)
        found[~np.isfinite(found)] = np.nan
        return found


@dataclass
class _Parser:
    """Recursive descent over the tokens of one text."""

    text: str
    tokens: list[tuple[str, str, int]] = field(default_factory=list)
    """Kind (`number`, `name`, `sign`), text, and where it begins."""
    at: int = 0
    depth: int = 0

    def split(self) -> None:
        """Fill the tokens."""
        place, end = 0, len(self.text.rstrip())
        while place < end:
            found = _TOKEN.match(self.text, place)
            if found is None:
                raise self.error(place, "a sign that has no meaning here stands")
            number, name, sign = found.groups()
            kind = "number" if number else "name" if name else "sign"
            said = number or name or _SAME.get(sign, sign)
            self.tokens.append((kind, said, found.end() - len(number or name or sign)))
            place = found.end()

    def whole(self) -> Node:
        """The tree of the whole text."""
        self.split()
        tree = self.total()
        if self.at < len(self.tokens):
            raise self.expected("an operator or the end")
        return tree

    def total(self) -> Node:
        """Products with + and − between."""
        left = self.product()
        while self.next() in ("+", "-"):
            left = _sum(self.take(), left, self.product())
        return left

    def product(self) -> Node:
        """Powers with * and / between; a sign before them is of all."""
        if self.next() == "-":
            self.take()
            with_sign = self.deeper(self.product)
            return _negated(with_sign)
        left = self.signed()
        while self.next() in ("*", "/"):
            left = Node(self.take(), of=(left, self.signed()))
        return left

    def signed(self) -> Node:
        """A power, or one negated."""
        if self.next() == "-":
            self.take()
            return _negated(self.deeper(self.signed))
        base = self.atom()
        if self.next() != "**":
            return base
        place = self.place()
        self.take()
        return Node("**", of=(base, self.exponent(self.deeper(self.signed), place)))

    def exponent(self, found: Node, place: int) -> Node:
        """A number alone, of a size that one means. Raises RecipeError."""
        with np.errstate(all="ignore"):
            value = np.inf if bands_of(found) else float(found.value({}))
        if not abs(value) <= MOST_POWER:
            raise self.error(place, f"an exponent that is no number from −{MOST_POWER} to {MOST_POWER} stands")
        return found

    def atom(self) -> Node:
        """A band, a number, a function or what is in parentheses."""
        kind, said, place = self.tokens[self.at] if self.at < len(self.tokens) else ("", "", 0)
        if kind == "number":
            self.take()
            if float(said) > MOST_NUMBER:
                raise self.error(place, f"a number above {MOST_NUMBER:,.0f} stands")
            return Node("number", number=float(said))
        if kind == "name":
            self.take()
            return self.function(said.lower(), place) if self.next() == "(" else self.band(said, place)
        if said == "(":
            self.take()
            inside = self.deeper(self.total)
            self.close()
            return inside
        raise self.expected("a band, a number or a parenthesis")

    def band(self, said: str, place: int) -> Node:
        """`B8` and `b08` mean B08."""
        name = said.upper()
        name = f"B0{name[1]}" if re.fullmatch("B[1-9]", name) else name
        if name not in BANDS:
            raise self.error(place, f"{quoted(said)}, which is no band of Sentinel-2 Level 2A, stands")
        return Node("band", name)

    def function(self, name: str, place: int) -> Node:
        """With what it takes."""
        if name not in FUNCTIONS:
            raise self.error(place, f"{quoted(name)}, which is no function known here, stands")
        self.take()
        taken = [self.deeper(self.total)]
        while len(taken) < FUNCTIONS[name][0]:
            if self.next() != ",":
                raise self.expected("a comma")
            self.take()
            taken.append(self.deeper(self.total))
        self.close()
        return Node(name, of=tuple(taken))

    def deeper(self, parse: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise RecipeError(f"The formula is nested deeper than {MOST_DEPTH} times.", "Write it with fewer.")
        found = parse()
        self.depth -= 1
        return found

    def next(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def close(self) -> None:
        if self.next() != ")":
            raise self.expected("a closing parenthesis")
        self.take()

    def place(self) -> int:
        return self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text)

    def expected(self, what: str) -> RecipeError:
        stands = quoted(self.next()) if self.next() else "its end"
        return self.error(self.place(), f"{what} was expected, and {stands} stands")

    def error(self, place: int, what: str) -> RecipeError:
        before = self.text[:place].strip()
        where = f"In the formula after {quoted('… ' + before[-24:] if len(before) > 24 else before)}"
        return RecipeError(f"{where if before else 'At the start of the formula'} {what} there.", _REMEDY)


def bands_of(tree: Node) -> tuple[str, ...]:
    """In the order of Sentinel-2's bands."""
    found, waiting = set[str](), [tree]
    while waiting:
        one = waiting.pop()
        found |= {one.band} - {""}
        waiting += one.of
    return tuple(band for band in BANDS if band in found)


@lru_cache(maxsize=256)
def parse_formula(text: str) -> BandFormula:
    """What computes it. Raises RecipeError with the place where it is no formula, too long, or without a band."""
    if len(text) > MOST_SIGNS:
        raise _too_long(len(text))
    tree = _Parser(text).whole()
    bands = bands_of(tree)
    if not bands:
        raise RecipeError(f"The formula {quoted(text)} has no band in it.", _REMEDY)
    found = BandFormula(tree, bands)
    if len(found.link) > MOST_SIGNS:
        raise _too_long(len(found.link))
    return found


def _too_long(signs: int) -> RecipeError:
    return RecipeError(f"The formula has {signs:,} signs; at most {MOST_SIGNS} are read.", "Write a shorter one.")
