"""What Schemathesis cannot know: how raw bytes are sent, and what there is in the system under test."""

import json
import os

import schemathesis

KNOWN = json.loads(os.environ["KNOWN"])


@schemathesis.serializer("application/offset+octet-stream")
def raw(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    """Every other call is about something that exists; but what deletes or revokes is not given it."""
    operation = ctx.operation
    if not path_parameters or operation.method.lower() in ("delete", "patch"):
        return path_parameters
    for name, value in path_parameters.items():
        known = KNOWN.get(f"{operation.path.split('{')[0]}{{{name}}}")
        if known and sum(map(ord, str(value))) % 2:
            path_parameters[name] = known
    return path_parameters
