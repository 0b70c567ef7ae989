"""Reads evalscripts in V8, in a process of its own: a script that eats memory or time ends this process only.

One line of JSON with a script comes in, one line with what it declares and does goes out.
"""

import json
import resource
import sys
from typing import Any

from py_mini_racer import JSEvalException, JSOOMException, JSTimeoutException, MiniRacer

SECONDS = 0.5
"""How long a script may take."""
HEAP = 64 * 2**20
DATA = 2**30
"""Bytes that the process may take in all."""

HARNESS = r"""
var __plain = function (value) { return JSON.parse(JSON.stringify(value === undefined ? null : value)); };
var __setup = function () {
  if (typeof setup !== 'function') return {error: 'setup'};
  if (typeof evaluatePixel !== 'function') return {error: 'evaluatePixel'};
  return {
    setup: __plain(setup()),
    metadata: typeof updateOutputMetadata === 'function',
    more: ['preProcessScenes', 'updateOutput'].filter(function (name) {
      return typeof globalThis[name] === 'function';
    })
  };
};
var __meta = function (input) {
  var output = {};
  updateOutputMetadata({}, input, output);
  return __plain(output.userData);
};
var __probe = function (samples, input) {
  return samples.map(function (sample) {
    var output = evaluatePixel(sample, {}, input, {}, {});
    if (Array.isArray(output)) return {list: output.map(__number)};
    if (output === null || typeof output !== 'object') return {other: typeof output};
    var named = {};
    Object.keys(output).forEach(function (id) {
      named[id] = Array.isArray(output[id]) ? output[id].map(__number) : __number(output[id]);
    });
    return {named: named};
  });
};
var __number = function (value) {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' && isFinite(value) ? value : null;
};
"""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """For one request: `script`, and `probes` with `input` once the bands are known."""
    with MiniRacer() as racer:
        racer.set_hard_memory_limit(HEAP)
        try:
            racer.eval(HARNESS, timeout_sec=SECONDS)
            racer.eval(request["script"], timeout_sec=SECONDS)
            if "probes" not in request:
                return {"found": _json(racer, "__setup()")}
            arguments = f"{json.dumps(request['probes'])}, {json.dumps(request['input'])}"
            found = {"results": _json(racer, f"__probe({arguments})")}
            if request["metadata"]:
                found["userdata"] = _json(racer, f"__meta({json.dumps(request['input'])})")
            return found
        except JSTimeoutException:
            return {"failed": f"The script took longer than {SECONDS:g} s."}
        except JSOOMException:
            return {"failed": f"The script needed more than {HEAP // 2**20} MB."}
        except (JSEvalException, UnicodeError) as error:
            return {"failed": (str(error).strip().splitlines() or [type(error).__name__])[0]}


def _json(racer: MiniRacer, expression: str) -> Any:
    """The value of an expression; None where JSON has none for it."""
    text = racer.eval(f"JSON.stringify({expression})", timeout_sec=SECONDS)
    return json.loads(text) if isinstance(text, str) else None


def main() -> None:
    """Until standard input ends."""
    resource.setrlimit(resource.RLIMIT_DATA, (DATA, DATA))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
