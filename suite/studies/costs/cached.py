"""What calls take, remembered: the same calls of the same image under the same model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tinyrig.generator.planning.call import Call, content
from tinyrig.suite.backends.counter import hook_sources
from tinyrig.suite.cycles.cached import model_key
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.studies.costs.machine import Job, KernelMachine, Spent

_MACHINE = Path(__file__).with_name("machine.py")


def cached_spent(machine: KernelMachine, image: Path, jobs: Sequence[Job]) -> list[Spent]:
    """Return what calls take, from the cache when they were made at once before."""
    kept = Store("costs", ".json")
    what = (model_key(), _MACHINE.read_bytes(), image.read_bytes(), repr(machine.point))
    hook = (path.read_bytes() for path in hook_sources())
    key = content_key((*what, *hook, *(part for job in jobs for part in _parts(job))))
    raw = kept.load(key)
    if raw is not None:
        return [Spent(*one) for one in json.loads(raw)]
    spent = machine.spent(jobs)
    kept.save(key, json.dumps([(one.cycles, one.waits) for one in spent]).encode())
    return spent


def _parts(job: Job) -> tuple[str, str, str, str]:
    call: Call = job.call
    views = (*call.reads, *call.writes)
    sizes = [job.storages[view.storage].size for view in views]
    return job.kernel.name, repr(content(call.params)), repr(views), repr(sizes)
