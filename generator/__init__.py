"""From a quantized graph to a C project: frontends, graph, passes, planning, emit."""
