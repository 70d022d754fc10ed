"""A decision as an OCSF event of class 6003, API Activity (schema.ocsf.io, version 1.5.0)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

__all__ = ["event"]

_UNKNOWN, _CREATE, _READ, _UPDATE, _DELETE, _OTHER = 0, 1, 2, 3, 4, 99
_VERBS = (
    (("create", "add", "insert", "new"), _CREATE, "Create"),
    (("read", "get", "list", "search", "find", "discover"), _READ, "Read"),
    (("update", "set", "write", "edit", "patch", "change"), _UPDATE, "Update"),
    (("delete", "remove", "drop", "erase"), _DELETE, "Delete"),
)
_SEVERITY = {"allow": (1, "Informational"), "approval": (2, "Low"), "deny": (3, "Medium")}
_ACTION = {"allow": (1, "Allowed"), "deny": (2, "Denied"), "approval": (3, "Observed")}


def event(row: Mapping[str, Any]) -> dict[str, Any]:
    """`row`: a row of the decision log. The activity is guessed from the command's first word; no `raw_data` is set."""
    operation = str(row.get("command") or row.get("method") or "")
    activity, name = _activity(operation)
    effect = str(row.get("effect") or "")
    severity, severity_name = _SEVERITY.get(effect, (_UNKNOWN, "Unknown"))
    action, action_name = _ACTION.get(effect, (_UNKNOWN, "Unknown"))
    status = 2 if effect == "deny" else 1
    return {
        "category_uid": 6,
        "category_name": "Application Activity",
        "class_uid": 6003,
        "class_name": "API Activity",
        "activity_id": activity,
        "activity_name": name,
        "type_uid": 600300 + activity,
        "type_name": f"API Activity: {name}",
        "time": int(datetime.fromisoformat(str(row["time"])).timestamp() * 1000),
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": "Failure" if status == 2 else "Success",
        "action_id": action,
        "action": action_name,
        "actor": {
            "user": {"uid": str(row.get("subject") or ""), "domain": str(row.get("issuer") or "")},
            "session": {"uid": str(row.get("session") or ""), "issuer": str(row.get("issuer") or "")},
        },
        "api": {
            "operation": operation,
            "service": {"name": str(row.get("server") or "")},
            "request": {"uid": str(row.get("call") or "")},
        },
        "src_endpoint": {"uid": str(row.get("run") or row.get("subject") or "")},
        "policy": {"uid": str(row.get("policy") or ""), "name": str(row.get("rules") or "")},
        "metadata": {
            "version": "1.5.0",
            "uid": f"{row.get('log')}/{row.get('seq')}",
            "product": {"name": "hoopgate", "vendor_name": "hoopgate"},
            "profiles": ["security_control"],
        },
    }


def _activity(operation: str) -> tuple[int, str]:
    word = operation.rpartition("/")[2].replace("-", "_").split("_")[0].lower()
    for words, activity, name in _VERBS:
        if word in words:
            return activity, name
    return _OTHER, "Other"
