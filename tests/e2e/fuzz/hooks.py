"""What Schemathesis cannot know: how raw bytes are sent, and what there is in the system under test."""

import json
import os

import schemathesis
from schemathesis.specs.openapi.checks import use_after_free

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


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Its own key is never revoked, also where the list of keys told its id: all that follows would be a 401."""
    own = KNOWN["/api/keys/{id}"]
    if case.method.upper() == "DELETE" and own in (case.path_parameters or {}).values():
        case.path_parameters["id"] = own[:-4] + "ffff"


@schemathesis.check
def gone_when_deleted(ctx, response, case):
    """But a revoked key stays readable, with `revoked_at`: the list of keys tells who had access, and until when."""
    return None if case.operation.path.startswith("/api/keys/") else use_after_free(ctx, response, case)
