"""Made-up records in the formats of health care, each with the values in it that identify and the facts that must stay.

`records(seed)` gives one record of each format: HL7 v2, FHIR, C-CDA, X12, SQL rows in many shapes, CSV. Names have
accents, particles, apostrophes and hyphens; the same values stand in fields and, in other casing and order, in prose.
"""

# ruff: noqa: E501, RUF001, SIM905 - messages are lines of their own length, lists of names are read as text

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import NamedTuple

GIVEN = """Jörg Wouter Miroslava Nienke Ángel Siobhán Tripti Borna Osvaldo Ngọc Gülay Adélaïde Leon Mandy Kwame Xiomara Hélène
Zsófia Łukasz Þóra Emre Ioana Priya Hinata Thabo Oluwaseun Mei-Ling D'Angelo Inés Vojtěch""".split()
FAMILY = """Dušek Bouwhuisen Wasążnik O'Shea Novotný Petrović Nguyễn Gálvez Przeklasa Borges Yılmaz Andrade Leone Weiss Krpan Ødegård
Šimić Okonkwo Abdulrahman Kuznetsova Papadopoulos Tshabalala Al-Masri MacGillivray Guðmundsdóttir Pham Itō Ribeiro Quispe""".split()
STREETS = (
    "98191 Thomas Divide|537 Todd Ford|40918 King Courts|12 Rue des Lilas|7 Calle Mayor|3557 Ramirez Tunnel".split("|")
)
CITIES = "Lesliechester|Owensland|Michaelside|New Samuel|Pearsonchester|Lake Joelmouth".split("|")
COLUMNS = (
    "patient_id first_name last_name dob ssn phone email address city zip mrn account_no icd10 cpt hgb",
    "PT_ID PT_FNAME PT_LNAME BIRTH_DT SOC_SEC_NUM HOME_PH EMAIL_ADDR ADDR_LINE_1 CITY_NM ZIP_CD MED_REC_NO ACCT_NUM DX_CD PROC_CD HGB",
    "patientId givenName familyName birthDate socialSecurityNumber phoneNumber emailAddress streetAddress cityName postalCode medicalRecordNumber accountNumber diagnosisCode procedureCode hemoglobin",
    "Id FIRST LAST BIRTHDATE SSN PHONE EMAIL ADDRESS CITY ZIP MRN ACCOUNT CODE CPT VALUE",
)  # fmt: skip


class Record(NamedTuple):
    """A text; the values in it that identify; what must still stand in it when it is masked."""

    name: str
    text: str
    gone: tuple[str, ...]
    kept: tuple[str, ...]


class Person(NamedTuple):
    """Somebody who does not exist."""

    given: str
    family: str
    born: date
    mrn: str
    ssn: str
    phone: str
    email: str
    street: str
    city: str
    zip: str
    account: str
    member: str
    kin: str
    doctor: str
    npi: str


def person(random: Random) -> Person:
    def digits(count: int) -> str:
        return "".join(random.choice("0123456789") for _ in range(count))

    return Person(
        random.choice(GIVEN),
        random.choice(FAMILY),
        date(random.randint(1925, 2022), random.randint(1, 12), random.randint(1, 28)),
        random.choice((digits(8), "E" + digits(7), f"{digits(3)}-{digits(2)}-{digits(2)}", "MRN" + digits(6))),
        f"{random.randint(100, 899)}-{random.randint(10, 99)}-{digits(4)}",
        f"({random.randint(201, 989)}) {random.randint(200, 999)}-{digits(4)}",
        f"user{digits(3)}@mail.example.org",
        random.choice(STREETS),
        random.choice(CITIES),
        str(random.randint(10001, 99950)),
        digits(10),
        "".join(random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(8)) + digits(3),
        random.choice(GIVEN),
        random.choice(FAMILY),
        "1" + digits(9),
    )


def records(seed: int) -> Iterator[Record]:
    """One record of each format, of another person each."""
    random = Random(seed)
    for make in MAKERS:
        someone = person(random)
        text, gone, kept = make(someone, random)
        yield Record(make.__name__.strip("_"), text, tuple(value for value in gone if value in text), kept)


Made = tuple[str, tuple[str, ...], tuple[str, ...]]


def _hl7(p: Person, random: Random) -> Made:
    day, address = f"{p.born:%Y%m%d}", f"{p.street}^^{p.city}^MA^{p.zip}^USA"
    doctor = f"{p.npi}^{p.doctor}^Ana^^^DR^MD"
    lines = (
        f"MSH|^~\\&|EPIC|HOSP|LAB|HOSP|20240105103000||ADT^A01^ADT_A01|M{random.randint(10**5, 10**6)}|P|2.5.1",
        f"PID|1||{p.mrn}^^^HOSP^MR~{p.ssn}^^^USA^SS||{p.family}^{p.given}^A||{day}|F||2106-3|{address}||{p.phone}^PRN^PH~^NET^Internet^{p.email}|||M|CAT|{p.account}|{p.ssn}",
        f"NK1|1|{p.family}^{p.kin}|SPO|{address}|{p.phone}",
        f"PV1|1|I|4W^412^A||||{doctor}|{doctor}||MED|||||||{doctor}|INP|{p.account}",
        f"IN1|1|BCBS|123|Blue Cross||||||||||||{p.family}^{p.given}|SELF|{day}|{address}|||||||||||||||||{p.member}",
        "DG1|1||E11.9^Type 2 diabetes^I10",
        "OBX|1|NM|718-7^Hemoglobin^LN||13.2|g/dL|12-16|N|||F",
        f"OBX|2|TX|NOTE||Pt {p.given} {p.family} seen by Dr. {p.doctor}, call {p.phone}||||||F",
        f"NTE|1||{p.family.upper()}, {p.given.upper()} c/o headache, {p.kin} at bedside",
    )
    gone = (*_core(p), day, p.account, p.member, p.kin, p.doctor, p.npi, p.family.upper())
    return "\r".join(lines), gone, ("E11.9^Type 2 diabetes", "718-7^Hemoglobin^LN||13.2|g/dL|12-16", "headache")


def _fhir(p: Person, random: Random) -> Made:
    own = str(uuid.UUID(int=random.getrandbits(128)))
    patient = {
        "resourceType": "Patient",
        "id": own,
        "identifier": [
            {"system": "http://hosp/mrn", "value": p.mrn},
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": p.ssn},
        ],
        "name": [{"family": p.family, "given": [p.given, "A"]}],
        "birthDate": p.born.isoformat(),
        "telecom": [{"system": "phone", "value": p.phone}, {"system": "email", "value": p.email}],
        "address": [{"line": [p.street], "city": p.city, "state": "MA", "postalCode": p.zip}],
        "contact": [{"name": {"given": [p.kin], "family": p.family}}],
        "text": {"div": f"<div>{p.given} <b>{p.family.upper()}</b> (DOB: {p.born}) tel {p.phone}</div>"},
    }
    observation = {
        "resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin"}]},
        "subject": {"reference": f"Patient/{own}", "display": f"{p.given} {p.family}"},
        "valueQuantity": {"value": 13.2, "unit": "g/dL"},
        "performer": [{"display": f"Dr. Ana {p.doctor}"}],
        "note": [{"text": f"Discussed with {p.kin}. {p.family} denies pain; d/w {p.doctor}."}],
    }
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient}, {"resource": observation}]}
    gone = (*_core(p), p.born.isoformat(), p.kin, p.doctor, own, p.family.upper())
    return json.dumps(bundle, ensure_ascii=False), gone, ('"718-7"', '"Hemoglobin"', "13.2", '"g/dL"', "denies pain")


def _ccda(p: Person, random: Random) -> Made:
    day, root = f"{p.born:%Y%m%d}", f"2.16.840.1.113883.19.{random.randint(1, 9)}"
    text = (
        f'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id extension="{p.mrn}" '
        f'root="{root}"/><id extension="{p.ssn}" root="2.16.840.1.113883.4.1"/><addr use="HP"><streetAddressLine>{p.street}'
        f"</streetAddressLine><city>{p.city}</city><state>MA</state><postalCode>{p.zip}</postalCode></addr>"
        f'<telecom value="tel:{p.phone}" use="HP"/><patient><name><given>{p.given}</given><family>{p.family}</family></name>'
        f'<birthTime value="{day}"/></patient></patientRole></recordTarget><author><assignedAuthor><id '
        f'root="2.16.840.1.113883.4.6" extension="{p.npi}"/><assignedPerson><name><given>Ana</given><family>{p.doctor}</family>'
        '</name></assignedPerson></assignedAuthor></author><component><section><code code="48765-2" '
        'codeSystem="2.16.840.1.113883.6.1"/><title>Allergies</title><text><paragraph>'
        f"{p.given} {p.family} is allergic to penicillin. Dr. {p.doctor} called {p.phone}.</paragraph></text></section>"
        "</component></ClinicalDocument>"
    )
    kept = ('code="48765-2"', "2.16.840.1.113883.6.1", "allergic to penicillin", "<title>Allergies</title>")
    return text, (*_core(p), day, p.doctor, p.npi), kept


def _x12(p: Person, random: Random) -> Made:
    pad = random.choice(("          ", " "))
    text = (
        f"ISA*00*{pad}*00*{pad}*ZZ*SUB*ZZ*REC*240105*1030*^*00501*000000001*0*P*:~GS*HC*S*R*20240105*1030*1*X*005010X222A1~"
        f"ST*837*0001~NM1*85*1*{p.doctor}*Ana****XX*{p.npi}~N3*{p.street}~N4*{p.city}*MA*{p.zip}~NM1*IL*1*{p.family}*"
        f"{p.given}*A***MI*{p.member}~N3*{p.street}~N4*{p.city}*MA*{p.zip}~DMG*D8*{p.born:%Y%m%d}*F~"
        f"REF*SY*{p.ssn.replace('-', '')}~CLM*{p.account}*186***11:B:1*Y*A*Y*Y~HI*ABK:E119~SV1*HC:99213*40*UN*1***1~"
        "DTP*472*D8*20240105~SE*15*0001~"
    )
    gone = (p.doctor, p.npi, p.street, p.city, p.zip, p.family, p.given, p.member, f"{p.born:%Y%m%d}", p.account)
    return text, (*gone, p.ssn.replace("-", "")), ("HI*ABK:E119", "SV1*HC:99213*40*UN*1")


def _rows(p: Person, random: Random) -> tuple[list[str], list[str]]:
    values = [p.mrn, p.given, p.family, p.born.isoformat(), p.ssn, p.phone, p.email, p.street, p.city, p.zip, p.mrn]
    return random.choice(COLUMNS).split(), [*values, p.account, "E11.9", "99213", "13.2"]


def _objects(p: Person, random: Random) -> Made:
    columns, values = _rows(p, random)
    note = f"{p.given} {p.family} ({p.mrn})"
    return json.dumps({"rows": [dict(zip(columns, values, strict=True))], "note": note}, ensure_ascii=False), *_of_rows(
        p
    )


def _columns(p: Person, random: Random) -> Made:
    columns, values = _rows(p, random)
    return json.dumps({"columns": columns, "rows": [values]}, ensure_ascii=False), *_of_rows(p)


def _csv(p: Person, random: Random) -> Made:
    columns, values = _rows(p, random)
    return ",".join(columns) + "\n" + ",".join(values) + "\n", *_of_rows(p)


def _psql(p: Person, random: Random) -> Made:
    columns, values = _rows(p, random)
    rule = "+".join("---" for _ in columns)
    return f"{' | '.join(columns)}\n{rule}\n{' | '.join(values)}\n(1 row)\n", *_of_rows(p)


def _insert(p: Person, random: Random) -> Made:
    columns, values = _rows(p, random)
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"INSERT INTO patients ({', '.join(columns)}) VALUES ({quoted});", *_of_rows(p)


def _of_rows(p: Person) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (*_core(p), p.born.isoformat(), p.account), ("E11.9", "99213", "13.2")


def _core(p: Person) -> tuple[str, ...]:
    return p.given, p.family, p.mrn, p.ssn, p.phone, p.email, p.street, p.city, p.zip


MAKERS: tuple[Callable[[Person, Random], Made], ...] = (
    _hl7,
    _fhir,
    _ccda,
    _x12,
    _objects,
    _columns,
    _csv,
    _psql,
    _insert,
)
