"""Seeded synthetic patients in the shape of FHIR R4: no real person is in them.

The same seed gives the same clinic, so that what the gate showed can be compared with what the server holds.
"""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from typing import Any

GIVEN = [
    "Amara",
    "Bjorn",
    "Chiara",
    "Dmitri",
    "Esperanza",
    "Farid",
    "Grace",
    "Hiroshi",
    "Ines",
    "Jamal",
    "Keiko",
    "Liam",
]
FAMILY = [
    "Abernathy",
    "Brandvold",
    "Castellanos",
    "Dlamini",
    "Eriksen",
    "Fontaine",
    "Grzybowski",
    "Hashimoto",
    "Okonkwo",
]
STREETS = ["Alder Court", "Birchwood Lane", "Cedar Mill Road", "Dogwood Avenue", "Elmhurst Street"]
PLACES = [
    ("Worcester", "MA", "01604"),
    ("Amherst", "MA", "01002"),
    ("Salem", "MA", "01970"),
    ("Pittsfield", "MA", "01201"),
]
CONDITIONS = [("44054006", "Type 2 diabetes mellitus"), ("38341003", "Hypertension"), ("195967001", "Asthma")]
DRUGS = ["metformin 500 mg", "lisinopril 10 mg", "albuterol 90 mcg"]

Resource = dict[str, Any]


class Clinic:
    """The records of one clinic: ``patients`` by id, and for each its ``notes`` and ``observations``."""

    def __init__(self, seed: int = 2026, size: int = 40) -> None:
        draw = random.Random(seed)  # noqa: S311 - synthetic data, not a secret
        made = [_patient(draw) for _ in range(size)]
        self.patients: dict[str, Resource] = {patient["id"]: patient for patient in made}
        self.notes = {patient["id"]: _note(draw, patient) for patient in made}
        self.observations = {patient["id"]: _observations(draw, patient) for patient in made}

    def search(self, name: str, limit: int) -> list[Resource]:
        """Patients whose family or given name begins with ``name`` (case aside), at most ``limit`` of them."""
        wanted = name.casefold()
        found = [p for p in self.patients.values() if any(part.casefold().startswith(wanted) for part in _parts(p))]
        return found[:limit]


def _parts(patient: Resource) -> list[str]:
    human = patient["name"][0]
    return [human["family"], *human["given"]]


def _patient(draw: random.Random) -> Resource:
    given, family = draw.choice(GIVEN), draw.choice(FAMILY)
    city, state, postcode = draw.choice(PLACES)
    born = date(1934, 1, 1) + timedelta(days=draw.randrange(29_000))
    area = draw.choice(["413", "508", "978"])
    return {
        "resourceType": "Patient",
        "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        "identifier": [
            {
                "type": {"text": "Medical Record Number"},
                "system": "http://clinic.example/mrn",
                "value": f"MR-{draw.randrange(10**6, 10**7)}",
            },
            {
                "type": {"text": "Social Security Number"},
                "system": "http://hl7.org/fhir/sid/us-ssn",
                "value": f"999-{draw.randrange(10, 99)}-{draw.randrange(1000, 9999)}",
            },
        ],
        "name": [{"use": "official", "family": family, "given": [given]}],
        "telecom": [
            {"system": "phone", "value": f"({area}) 555-{draw.randrange(100, 200):04d}", "use": "home"},
            {"system": "email", "value": f"{given}.{family}@mail.example".lower()},
        ],
        "gender": draw.choice(["female", "male"]),
        "birthDate": born.isoformat(),
        "address": [
            {
                "line": [f"{draw.randrange(2, 900)} {draw.choice(STREETS)}"],
                "city": city,
                "state": state,
                "postalCode": postcode,
            }
        ],
    }


def _note(draw: random.Random, patient: Resource) -> str:
    human, phone = patient["name"][0], patient["telecom"][0]["value"]
    given, family = human["given"][0], human["family"]
    seen = date(2026, 1, 5) + timedelta(days=draw.randrange(280))
    _, condition = draw.choice(CONDITIONS)
    title = "Ms." if patient["gender"] == "female" else "Mr."
    return (
        f"{given} {family} was seen on {seen:%m/%d/%Y} for {condition.lower()}. "
        f"BP {draw.randrange(108, 150)}/{draw.randrange(64, 92)}, HbA1c {draw.randrange(52, 90) / 10}%. "
        f"Continue {draw.choice(DRUGS)} daily. {title} {family} prefers a call at {phone}; "
        f"next visit with Dr. {draw.choice(FAMILY)}."
    )


def _observations(draw: random.Random, patient: Resource) -> list[Resource]:
    taken = date(2026, 1, 5) + timedelta(days=draw.randrange(280))
    return [
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4", "display": "Hemoglobin A1c"}]},
            "subject": {"reference": f"Patient/{patient['id']}"},
            "effectiveDateTime": taken.isoformat(),
            "valueQuantity": {
                "value": draw.randrange(52, 90) / 10,
                "unit": "%",
                "system": "http://unitsofmeasure.org",
                "code": "%",
            },
        }
    ]
