"""Numbers that stand for a person or a thing of theirs: with a label, by their shape, or by their check digit."""

from __future__ import annotations

from .pattern import LINKS, SEP, Pattern

_LINK = LINKS + r"{1,5}[\s\"'_]{0,4}"
_CODE = r"([A-Z0-9][A-Z0-9]{0,11}(?:[-./_]?[A-Z0-9]{1,12}){0,4})"

_IDS: tuple[tuple[str, str, str, str], ...] = (
    (
        "mrn",
        "mrn",
        (
            r"m\.?r\.?n|mr[ _]?#|(?:medical[ _]?)?record[ _]?(?:number|no\b\.?|num|#|id)|"
            r"med[ _.]*rec[ _.]*(?:no|num|#)?|chart[ _]?(?:number|no\b\.?|#|id)|(?:patient|pt|"
            r"hosp(?:ital)?|unit|clinic|person|subject|study)[ _.]?(?:number|no\b\.?|num|#|id|identifier)|"
            r"patient[ _]?mrn|hrn|emrn|empi|nhs(?:[ _]number|[ _]no)?|chi[ _]number"
        ),
        "MRN: 00482913",
    ),
    (
        "health plan",
        "health_plan",
        (
            r"(?:health[ _]?plan|member(?:ship)?|policy(?:[ _]?holder)?|subscriber|group|grp|"
            r"insurance|insured|payer|plan|beneficiary|coverage|certificate|medicare|medicaid|"
            r"medi-cal|mediclaim|tricare|hicn|mbi|bcbs|aetna|cigna|humana|blue cross|kaiser|"
            r"united ?healthcare|uhc)[ _.]?(?:member|subscriber|policy|id|number|no\b\.?|num|#|"
            r"identifier)+|hicn|mbi|medicare|medicaid|rx[ _]?(?:grp|group)"
        ),
        "Member ID: XQW884213907",
    ),
    (
        "account",
        "account",
        (
            r"(?:account|acct|acc|visit|encounter|csn|fin|har|invoice|billing|claim|bill|statement|"
            r"bank|routing|aba|sort code|iban|loan|transaction|confirmation|check|"
            r"cheque)[ _.]?(?:number|no\b\.?|num|#|id|identifier)|account|acct\.?|csn|iban|hadm[ _]id"
        ),
        "Account number 4478-22910",
    ),
    (
        "license",
        "license",
        (
            r"(?:driver'?s?|driving|medical|nursing|pharmacy|professional|state|practice|dl|d\.l\.|"
            r"physician|rn|board)[ _]?(?:licen[sc]e|lic|certificate|cert|"
            r"registration)?[ _.]?(?:number|no\b\.?|num|#|id)|licen[sc]e(?:[ _]?(?:number|no\b\.?|num|"
            r"#))?|lic\.?[ _]?(?:#|no\b\.?)|dea(?:[ _]?(?:number|no\b\.?|#))?|npi(?:[ _]?(?:number|"
            r"no\b\.?|#))?|upin|passport(?:[ _]?(?:number|no\b\.?|#))?|certificate[ _]?(?:number|"
            r"no\b\.?|#)|green card|alien[ _]?(?:number|registration)|visa[ _]?number|"
            r"clia(?:[ _]?(?:number|no\b\.?|#))?"
        ),
        "DEA # AB1234563",
    ),
    (
        "vehicle",
        "vehicle",
        (
            r"vin|vehicle[ _]?(?:identification[ _]?)?(?:number|no\b\.?|id|#)|(?:licen[sc]e|number|"
            r"registration|car|vehicle|tag)[ _]?plates?|plate[ _]?(?:number|no\b\.?|#)|"
            r"tag[ _]?(?:number|#)"
        ),
        "License plate: 7ABC123",
    ),
    (
        "device",
        "device",
        (
            r"serial[ _]?(?:number|no\b\.?|num|#)?|s/n|sn|(?:device|implant|pacemaker|generator|icd|"
            r"lead|pump|valve|stent|lens|model|lot|batch|catalog|ref|asset|equipment|monitor|sensor|"
            r"meter)[ _]?(?:serial[ _]?)?(?:identifier|number|no\b\.?|num|#|id|s/n)|udi(?:-di)?|imei|"
            r"imsi|meid|iccid|mac(?:[ _]address)?|lot|device"
        ),
        "Serial number: PJN442871S",
    ),
    (
        "id",
        "id",
        (
            r"(?:accession|acc|order|specimen|sample|case|ticket|reference|ref|requisition|req|"
            r"confirmation|tracking|referral|authorization|auth|prior auth|prescription|rx|script|"
            r"document|doc|report|study|protocol|trial|employee|badge|student|user|login|session|"
            r"request|trace|correlation|customer|client|booking|appointment|appt|message|"
            r"transcription|job|dictation|registration|enrollment|donor|biobank|bed|file|record|"
            r"unique|cause|docket|tax|employer|ein|tin|itin)[ _.]?(?:number|no\b\.?|num|#|id|identifier|code)|"
            r"accession|identifier|(?:user|login|screen)[ _]?name|ein|itin|uuid|guid|job"
        ),
        "Accession #: S19-28841",
    ),
)

_NATIONAL = (
    r"aadhaa?r|uidai|nric|hkid|mykad|ppsn?|bsn|burgerservicenummer|dni|nie (?:no\.?|n\xfamero)|curp|cpf|rut|"
    r"c(?:e|\xe9)dula|ahv(?:-?nr\.?)?|n(?:o|\xb0)\.? avs|personnummer|f(?:o|\xf8)dselsnummer|cpr-?(?:nr\.?|nummer)|"
    r"henkil(?:o|\xf6)tunnus|pesel|oib|jmbg|egn|amka|svnr|steuer-?id|tckn|emirates id|iqama|teudat zehut"
)
_HEALTH_CARDS = (
    r"ohip|hcn|phn|ramq|health card|carte (?:vitale|soleil)|ihi|hicn|dva|philhealth|abha|kvnr|"
    r"versicherten-?(?:nummer|nr\.?)|"
    r"krankenversicherungs-?(?:nummer|nr\.?)|tessera sanitaria"
)


def _labelled(name: str, kind: str, labels: str, example: str) -> Pattern:
    return Pattern(
        f"{name} label", kind, rf"(?i)\b(?:{labels}){_LINK}{_CODE}", example, "labelled_code", labelled=True, score=0.9
    )


NUMBERS: tuple[Pattern, ...] = (
    Pattern("ssn shape", "ssn", r"(?:\b|_)(\d{3}-\d{2}-\d{4})(?:\b|_)", "999-12-3456", "whole_number", score=0.85),
    Pattern("ssn spaced", "ssn", r"\b\d{3}[ ._/]\d{2}[ ._/]\d{4}\b", "123 45 6789", "alone", score=0.7),
    Pattern(
        "ssn apart",
        "ssn",
        r"\b\d{3}[^0-9A-Za-z]{1,6}\d{2}[^0-9A-Za-z]{1,6}\d{4}\b",
        "[123][45][6789]",
        "ssn_apart",
        score=0.65,
    ),
    Pattern(
        "ssn misspelt",
        "ssn",
        r"(?i)\b(?:ssn?|soc(?:ial)?\.?[ _]?sec(?:urity)?(?: n(?:o|umber)\.?)?)[\s:=#]{1,4}"
        r"([\dOIlBSZ|]{3}[- .]?[\dOIlBSZ|]{2}[- .]?[\dOIlBSZ|]{4}|\d\.\d{6,8}e\+?0?8)\b",
        "SSN l23-45-67B9",
        "has_digit",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "social label",
        "ssn",
        r"(?i)\b(?:social(?: (?:number|no\.?|is|was|ends in))?|seguro social|sozialversicherungs\w*|codice fiscale|"
        r"s(?:e|\xe9)curit(?:e|\xe9) sociale)"
        r"(?: is| was| n(?:o|\xb0)?\.?| number)?[\s:=#]{1,4}(\d{3}[ .-]?\d{2}[ .-]?\d{4}\d{0,6})\b",
        "his social is 123456789",
        labelled=True,
        score=0.9,
    ),
    Pattern("ssn hidden", "ssn", r"(?:[xX*#]{3}[- .]?[xX*#]{2}[- .]?)(\d{4})\b", "xxx-xx-1234", score=0.9),
    Pattern(
        "ssn label",
        "ssn",
        r"(?i)\b(?:ssn?|s\.s\.n?\.?|soc(?:ial)?\.?[ _]?sec(?:urity)?|sin|social insurance|"
        r"national (?:id|insurance)|nino?|tax ?id|itin|last (?:four|"
        r"4)(?: digits)?(?: of)?(?: (?:ssn|social))?)"
        + SEP
        + r"((?:\d{3}[ .\-/]?\d{2,3}[ .\-/]?\d{3,4}|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]|\d{4}))\b",
        "SSN: 078051120",
        labelled=True,
        score=0.95,
    ),
    Pattern(
        "national label",
        "ssn",
        rf"(?i)\b(?:{_NATIONAL}){SEP}([A-Z0-9][A-Z0-9 .-]{{6,24}})",
        "Aadhaar 4471 2209 8812",
        "national",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "health card label",
        "health_plan",
        rf"(?i)\b(?:{_HEALTH_CARDS}){SEP}([A-Z0-9][A-Z0-9 .-]{{6,24}})",
        "OHIP 4471-220-918-VC",
        "national",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "hospital's number",
        "mrn",
        r"\b(?:URN?|UMRN|E?MPI|NHI)[ :#]{1,3}([A-Z]{0,3}\d[\d-]{3,14})\b",
        "UR 447102",
        "named_code",
        score=0.8,
    ),
    Pattern(
        "visit's number",
        "account",
        r"\b(?:HAR|FIN|CSN|DCN|ICN)[ :#]{1,3}(\d{2,5}(?:[ -]\d{2,5}){2,4}|\d{6,14})\b",
        "FIN 882 114 09",
        "bank",
        score=0.8,
    ),
    Pattern("vin said", "vehicle", r"(?i)\bvin[ :#]{1,3}([A-HJ-NPR-Z0-9]{17})\b", "vin 1hgcm82633a004352", "has_digit"),
    Pattern("chi", "mrn", r"(?i)\bCHI" + SEP + r"(\d{3} ?\d{3} ?\d{4}|\d{6} \d{4})\b", "CHI 0101701234", score=0.9),
    Pattern(
        "card's end",
        "card",
        r"(?i)\b(?:visa|mastercard|amex|american express|discover|(?:debit|credit) card|card on file)"
        r"(?:\s(?:is|was|ending|ends|in|with))*[\s:#]{1,3}(?:x{1,4}|\*{1,4}|\.{2,4})\s?(\d{4})\b",
        "Visa x4471",
        labelled=True,
        score=0.85,
    ),
    Pattern(
        "bank label",
        "account",
        r"(?i)\b(?:che(?:ck|qu)ing|savings|routing|transit|aba (?:number|no\.?|#)|sort code|bsb|direct deposit|a/c|"
        r"acct|account)"
        r"(?:[\s.:]{1,3}(?:account|acct?\.?|a/c|numbers?|no\.?|is|was|now|to))*[\s:#]{1,3}(\d[\d -]{4,20}\d)\b",
        "checking 00281177430",
        "bank",
        labelled=True,
        score=0.85,
    ),
    Pattern(
        "card's number",
        "card",
        r"(?i)\b(?:visa|mastercard|amex|american express|maestro|(?-i:MC)|(?:debit|credit|gift|ebt|snap|hsa|fsa) card)"
        r"[\s:#]{1,3}(\d{3,6}(?:[ -]\d{3,6}){2,4})\b",
        "MC 5500-0088-1120",
        "bank",
        labelled=True,
        score=0.85,
    ),
    *(_labelled(*row) for row in _IDS),
    Pattern(
        "mrn plain label",
        "mrn",
        r"(?i)\b(?:m\.?r\.?n|mr ?#|hrn|emrn|chart ?#)\.?\s{1,3}" + _CODE,
        "MRN 501-33-46",
        "labelled_code",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "mbi",
        "health_plan",
        (
            r"(?i)\b[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC"
            r"-HJKMNP-RT-Y]{2}\d{2}\b"
        ),
        "1EG4-TE5-MK73",
        score=0.9,
    ),
    Pattern("nhs", "mrn", r"\b\d{3}[ -]\d{3}[ -]\d{4}\b", "943 476 5919", "nhs", score=0.6),
    Pattern("dea", "license", r"\b[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}\b", "AB1234563", "dea", score=0.8),
    Pattern(
        "iban",
        "account",
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b",
        "GB82 WEST 1234 5698 7654 32",
        "iban",
        score=0.9,
    ),
    Pattern("vin", "vehicle", r"\b[A-HJ-NPR-Z0-9]{17}\b", "1HGCM82633A004352", "vin", score=0.85),
    Pattern(
        "udi",
        "device",
        r"\(01\)\d{14}(?:\(\d{2,3}\)[A-Za-z0-9./-]{1,20}){0,5}",
        "(01)00643169007222(21)PJN442871S",
        score=0.95,
    ),
    Pattern(
        "imei",
        "device",
        r"\b\d{2}-?\d{6}-?\d{6}-?\d\b",
        "490154203237518",
        "luhn",
        near=("imei", "device", "phone", "handset"),
        score=0.7,
    ),
    Pattern(
        "uuid",
        "id",
        r"(?i)\b[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}\b",
        "47d6fc65-d809-48ae-87a9-945a1d6854d5",
        score=0.99,
    ),
    Pattern(
        "long hex",
        "id",
        r"(?i)\b(?:[0-9A-F]{32}|[0-9A-F]{64})\b",
        "9e107d9d372bb6826bd81d3542a419d6",
        "mixed_hex",
        score=0.8,
    ),
    Pattern("ulid", "id", r"\b01[0-9A-HJKMNP-TV-Z]{24}\b", "01ARZ3NDEKTSV4RRFFQ69G5FAV", score=0.9),
    Pattern(
        "fhir reference",
        "id",
        (
            r"\b(?:Patient|Practitioner|PractitionerRole|RelatedPerson|Person|Encounter|Observation|"
            r"Condition|Procedure|Organization|Location|Device|Coverage|Claim|ServiceRequest|"
            r"MedicationRequest|DiagnosticReport|DocumentReference|Immunization|CarePlan|CareTeam|"
            r"Specimen|Appointment|Account)/([A-Za-z0-9.-]{1,64})"
        ),
        "Patient/12345",
        "has_digit",
        score=0.9,
    ),
    Pattern(
        "path id",
        "id",
        r"(?i)/(?:patients?|persons?|members?|users?|subjects?|encounters?|visits?|accounts?|"
        r"claims?|records?|charts?|clients?|"
        r"employees?|practitioners?|providers?|customers?|mrn|cases?|orders?)/([A-Z0-9][A-Z0-9._-]{1,63})",
        "GET /patients/482913",
        "has_digit",
        score=0.85,
    ),
    Pattern(
        "letter number",
        "id",
        (
            r"\b[A-Z]{1,4}-?\d{2}-\d{3,9}\b|\b[A-Z]{2,5}-\d{5,12}\b|\b[A-Z]{1,3}\d{6,12}\b|"
            r"\b\d{2,4}-\d{6,9}\b"
        ),
        "S19-28841",
        "code_number",
        score=0.5,
    ),
    Pattern(
        "long number",
        "id",
        r"\b\d{7,20}\b",
        "00482913",
        "long_number",
        near=(
            "mrn",
            "record",
            "chart",
            "patient",
            "account",
            "acct",
            "member",
            "policy",
            "id",
            "ident",
            "number",
            "case",
            "accession",
            "visit",
            "encounter",
            "claim",
            "file",
            "no.",
            "#",
            "csn",
            "fin",
            "ref",
            "passport",
            "licen",
            "ssn",
            "phone",
            "call",
            "order",
            "serial",
            "barcode",
            "badge",
        ),
        score=0.5,
    ),
)
