"""The process around an engine, seen from inside: `python -m opendance.engines.child NAME`.

One JSON object a line. In: first {"options": …}, what `[engine.NAME]` says, then {"job": …, "trace": …} |
{"cancel": true}; the end of the input ends the process, so that an engine never outlives its server.
Out: {"ready": true} | {"fatal": …}, then {"progress": 0.42} | {"clip": …} | {"cancelled": true} |
{"error": {"code": …, "message": …}}, with "broken": true where the process had better be replaced.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
import traceback
from typing import Any

from opendance.engines.base import EngineBroken, RenderCancelled
from opendance.engines.registry import engine_facts, load_engine
from opendance.errors import DISK_FULL, ConfigurationError, TaskError, is_disk_full
from opendance.job import CLIP, JOB, Job
from opendance.loading import loading
from opendance.machine import give_way
from opendance.telemetry.traces import flush_traces, set_up_traces, span

_REPORT_EVERY = 0.05  # s


def main() -> None:
    give_way()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    jobs: queue.Queue[tuple[Job, str | None]] = queue.Queue()
    cancel = threading.Event()

    def answer(**message: Any) -> None:
        answers.write(json.dumps(message) + "\n")

    def listen() -> None:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if "job" in message:
                cancel.clear()
                jobs.put((JOB.validate_python(message["job"]), message.get("trace")))
            elif message.get("cancel"):
                cancel.set()
        flush_traces()
        os._exit(0)

    set_up_traces("opendance-engine")
    options = json.loads(sys.stdin.buffer.readline() or b"{}").get("options")
    threading.Thread(target=listen, daemon=True).start()
    try:
        with loading():
            engine = load_engine(sys.argv[1], options)
            engine.warm()
    except ConfigurationError as error:
        answer(fatal=str(error))
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - the border of the process: told outside as what it is
        traceback.print_exc()
        answer(fatal=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}")
        os._exit(1)
    answer(ready=True)
    while True:
        job, parent = jobs.get()
        last = 0.0

        def progress(share: float) -> None:
            nonlocal last
            if (now := time.monotonic()) - last >= _REPORT_EVERY:
                last = now
                answer(progress=round(share, 4))

        try:
            with span(f"engine {sys.argv[1]}", parent=parent):
                clip = engine.render(job, progress, cancel.is_set)
        except RenderCancelled:
            answer(cancelled=True)
        except EngineBroken as error:
            answer(error={"code": error.code, "message": error.message}, broken=True)
        except TaskError as error:
            answer(error={"code": error.code, "message": error.message})
        except MemoryError:
            answer(error={"code": "resource_exhausted", "message": "the engine ran out of memory; try a smaller video"})
        except Exception as error:  # noqa: BLE001 - the border of the process: told outside as what it is
            traceback.print_exc()
            if is_disk_full(error):
                answer(error={"code": "resource_exhausted", "message": DISK_FULL})
                continue
            problem = "the engine failed; the server's log has the details"
            # A driver may have failed under it, and then fails for every job to come.
            broken = engine_facts(sys.argv[1], "engine").runs_on == "gpu"
            answer(error={"code": "service_error", "message": problem}, broken=broken)
        else:
            answer(clip=CLIP.dump_python(clip, mode="json"))


if __name__ == "__main__":
    main()
