"""The rig: zoo, references, build, backends, records, report, gate and the `tinyrig` command."""

import os

# ONNX Runtime reads it when it is imported: without it some builds tell Microsoft of every session,
# and leave a file .ses in the folder of temporary files.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
