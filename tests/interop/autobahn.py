"""Lesson 06: all that Autobahn asks, but for compression, of the echo.

    autobahn.py server ADDRESS    of the echo that listens there
    autobahn.py client PROGRAM    of an echo that is started for each case, and dials
"""

import asyncio
import os
import sys

from kosoku import FailureError, run_fuzzingclient, run_fuzzingserver
from websockets.asyncio.client import connect

COMPRESSION = ["12.*", "13.*"]
LARGEST = str(16 << 20)
CASES = 301
# Stricter than Autobahn itself, which also lets NON-STRICT pass.
RIGHT = {"OK", "INFORMATIONAL"}


async def ask_server(address):
    return await run_fuzzingclient(f"ws://{address}/", exclude_cases=COMPRESSION)


async def ask_clients(program):
    async with run_fuzzingserver(exclude_cases=COMPRESSION, host="127.0.0.1", port=0) as server:
        host = f"{server.address}:{server.port}"
        async with connect(f"ws://{host}/getCaseCount") as socket:
            count = int(await socket.recv())
        for case in range(1, count + 1):
            target = f"/runCase?case={case}&agent=echo"
            echo = await asyncio.create_subprocess_exec(
                program, "--dial", host, "--target", target, "--limit", LARGEST,
                stdout=asyncio.subprocess.DEVNULL,
            )
            await echo.wait()
        async with connect(f"ws://{host}/updateReports?agent=echo") as socket:
            await socket.wait_closed()
        return await server.get_result()


async def main(role, subject):
    try:
        results = await {"server": ask_server, "client": ask_clients}[role](subject)
    except FailureError as failure:
        results = failure.results
    verdicts = [(case.case_id, case.behavior.value, case.behavior_close.value) for case in results]
    wrong = [f"{case} {came}, its close {close}" for case, came, close in verdicts if {came, close} - RIGHT]
    if len(results) != CASES or wrong:
        return f"expected {CASES} cases to pass, of {len(results)} failed: {'; '.join(wrong)}"


fault = asyncio.run(main(*sys.argv[1:]))
if fault:
    print(fault, file=sys.stderr, flush=True)
# Not by the end of the script: kosoku's threads outlive the interpreter, and then abort the process (1 time in 4).
os._exit(1 if fault else 0)
