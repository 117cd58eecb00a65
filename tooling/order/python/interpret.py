"""Runs programs under CPython's asyncio: one JSON program a line comes in, one JSON trace a line goes out.

The first line that goes out says which Python this is.
"""

import json
import sys
import warnings

from program import run_program

# A program may well make a coroutine that nothing awaits.
warnings.simplefilter("ignore")
# A task that never ends, however often it is cancelled, is closed with its loop, and protests.
sys.unraisablehook = lambda _: None

print(json.dumps({"version": list(sys.version_info[:3])}), flush=True)
for line in sys.stdin:
    trace, changed = run_program(json.loads(line))
    print(json.dumps({"trace": trace, "changed": changed}), flush=True)
