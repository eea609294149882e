"""The page that tells whoever opens a capsule what it is and how to replay it."""

from __future__ import annotations

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.studies.capsule.document import Document


def _nodes(document: Document) -> str:
    names = ", ".join(f"`{name}`" for name in document.nodes)
    return f"node {names}" if len(document.nodes) == 1 else f"nodes {names}"


def readme(document: Document, graph: Graph) -> str:
    """Return the Markdown text of a capsule's README."""
    layer = document.layer
    covered = "".join(f"- `{name}`\n" for name in document.covers)
    tensors = "".join(
        f"| {kind} | `{name}` | {' x '.join(map(str, graph.tensors[name].shape))} |\n"
        for kind, names in (("input", graph.inputs), ("output", graph.outputs))
        for name in names
    )
    return f"""# Layer {layer.index}, {layer.name}, of {document.model} on {document.board}

One layer of a run, with the inputs it got from sample {document.sample}, its weights, and the
int8 outputs the integer reference gives. Replay it from the folder that holds this one:

    tinyrig replay FOLDER

builds it with the kernels of the installed tinyrig, boots it and names the first element that
differs. It boots on `{document.backend}`, as the run did, unless `--backend` says otherwise;
`--as-built` boots the ELF kept here; `--board` and `--toolchain` choose others. The exit code is 0
when every element is equal, 1 when one differs.

The layer's kernel is `{layer.kernel}`, of the operator `{layer.op}`. The capsule holds the graph's
{_nodes(document)}, which the model executes as:

{covered}
| | tensor | shape |
|---|---|---|
{tensors}
`capsule.json` says where the capsule comes from, `graph.json` and `constants.npz` are the integer
graph, `inputs.npz` and `expected.npz` int8 arrays by tensor name, `clean.elf` and `checked.elf` the
two builds by {document.toolchain.name} {document.toolchain.version}, and `project/` the C they were
built from; it builds alone with `cmake --preset {document.toolchain.name}`.
"""
