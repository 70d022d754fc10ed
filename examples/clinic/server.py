"""The clinic's MCP server, on the official SDK: ``python server.py --http 9000`` or ``python server.py --stdio``.

It guards nothing: whoever reaches it sees whole records. That is what the gate in front of it is for.
"""

from __future__ import annotations

import argparse
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from records import Clinic


def build(clinic: Clinic) -> MCPServer[Any]:
    """A server over ``clinic`` with five tools and one resource template."""
    server: MCPServer[Any] = MCPServer(
        "clinic", version="1.0.0", log_level="WARNING", instructions="Synthetic FHIR records of one clinic."
    )

    def patient(patient_id: str) -> dict[str, Any]:
        if patient_id not in clinic.patients:
            raise ToolError(f"no patient {patient_id}")
        return clinic.patients[patient_id]

    @server.tool()
    def search_patients(name: str = "", limit: int = 20) -> dict[str, Any]:
        """Patients whose given or family name begins with `name`, as a FHIR Bundle."""
        found = clinic.search(name, limit)
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(found),
            "entry": [{"resource": p} for p in found],
        }

    @server.tool()
    def read_patient(patient_id: str) -> dict[str, Any]:
        """One FHIR Patient."""
        return patient(patient_id)

    @server.tool()
    def read_observations(patient_id: str) -> dict[str, Any]:
        """The laboratory values of one patient, as a FHIR Bundle."""
        patient(patient_id)
        entries = [{"resource": observation} for observation in clinic.observations[patient_id]]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}

    @server.tool()
    def read_notes(patient_id: str) -> str:
        """The last progress note of one patient, as prose."""
        patient(patient_id)
        return clinic.notes[patient_id]

    @server.tool()
    def update_patient(patient_id: str, phone: str) -> dict[str, Any]:
        """Set a patient's phone number; gives the updated FHIR Patient."""
        patient(patient_id)["telecom"][0]["value"] = phone
        return patient(patient_id)

    @server.tool()
    def delete_patient(patient_id: str) -> str:
        """Delete a patient's record."""
        patient(patient_id)
        del clinic.patients[patient_id]
        return f"deleted {patient_id}"

    @server.resource("fhir://Patient/{patient_id}", mime_type="application/fhir+json")
    def patient_resource(patient_id: str) -> dict[str, Any]:
        """One FHIR Patient, as a resource."""
        return patient(patient_id)

    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The clinic's MCP server, with synthetic records.")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--http", type=int, metavar="PORT", help="serve streamable HTTP at http://127.0.0.1:PORT/mcp")
    way.add_argument("--stdio", action="store_true", help="serve on standard input and output")
    parser.add_argument("--seed", type=int, default=2026, help="seed of the synthetic records (default: 2026)")
    options = parser.parse_args()
    clinic_server = build(Clinic(options.seed))
    if options.stdio:
        clinic_server.run("stdio")
    else:
        clinic_server.run("streamable-http", host="127.0.0.1", port=options.http)
