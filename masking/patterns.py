"""The pattern catalogue: one row a detector, all of them RE2 syntax over the canonical view (one byte a character).

A row's value is its first group, or the whole match. `check` names a validator (validators.py) that lowers or trims an
unlabelled hit; a labelled row (`labelled=True`) is never vetoed by a checksum: synthetic and mistyped numbers identify
too. `near` lists context words, one of which must stand within reach of an unlabelled hit. `example` must match: the
scanner proves it when it is built, so a detector that cannot run is a refusal to start.
"""

from __future__ import annotations

from typing import NamedTuple


class Pattern(NamedTuple):
    """One detector."""

    name: str
    kind: str
    regex: str
    example: str
    check: str = ""
    labelled: bool = False
    near: tuple[str, ...] = ()
    score: float = 0.8


_SEP = (
    r"(?:[\s_]{0,3}(?:numbers?|nos?\b\.?|num\b\.?|nbr|id\b|#s?|code|is|was|ending in|ends in|"
    r"of|on file|[:=#().-])){0,5}[\s\"'_]{0,4}"
)
_LINK = r"(?:[\s_]{0,3}(?:numbers?|nos?\b\.?|num\b\.?|nbr|id\b|#s?|is|was|[:=#().-])){1,5}[\s\"'_]{0,4}"
_CODE = r"([A-Z0-9][A-Z0-9]{0,11}(?:[-./_]?[A-Z0-9]{1,12}){0,4})"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = (
    r"(?:T\d{2}:?\d{2}(?::?\d{2}(?:\.\d{1,9})?)?\s?(?:Z\b|[+-]\d{2}:?\d{2}\b)?"
    r"|,?\s\d{1,2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:\s?(?:[ap]\.?m\.?\b|Z\b|[A-Z]{2,4}T\b|[+-]\d{2}:?\d{2}))?)?"
)
_STREET = (
    r"(?:street|str?|avenue|ave?|boulevard|blvd|road|rd|drive|dr|lane|ln|court|ct|circle|cir|place|pl|terrace|terr?|"
    r"way|parkway|pkwy|highway|hwy|route|rte|trail|trl|square|sq|plaza|plz|alley|aly|crescent|cres|close|grove|loop|"
    r"path|pike|turnpike|tpke|row|run|walk|mews|gardens|gdns|heights|hts|crossing|xing|expressway|expy|freeway|fwy|"
    r"point|pt|ridge|rdg|valley|vly|view|vw|bend|cove|creek|hill|hollow|island|junction|landing|manor|meadows?|"
    r"mount|oaks?|park|pass|pines?|shore|spring|springs|station|summit|village|vista|woods?|esplanade|quay|wharf)"
)
_UNIT = r"(?:,?\s+(?:apt|apartment|suite|ste|unit|bldg|building|floor|fl|flat|rm|room|lot|#)\.?\s*#?\s*[A-Z0-9-]{1,6})"
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY]|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho"
    r"|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi"
    r"|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio"
    r"|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia"
    r"|Washington|West Virginia|Wisconsin|Wyoming)"
)
_PHONE_VALUE = r"(\+?\(?\d[\d ().\-/]{5,20}\d(?:\s*(?:x|ext\.?|extension)\s*\d{1,6})?)"
_REST = r"([^\n\r\t|;:=<>{}\[\]\"]{2,60})"
_PERSON = (
    r"patient(?:'?s)?(?:[ _](?:full[ _])?name)?|pt\.?(?:[ _]name)?|(?:full|legal|preferred|"
    r"first|last|middle|maiden|given|"
    r"family|sur|birth|member|subscriber|insured|guarantor|guardian|contact|spouse|parent|mother'?s?|father'?s?|"
    r"provider|physician|doctor|nurse|client|resident|employee|applicant|claimant|beneficiary|"
    r"account holder|user)[ _]?name|"
    r"name(?: of [a-z]{4,12})?|surname|attending(?: (?:physician|md|provider|surgeon))?|"
    r"(?:primary|referring|ordering|admitting|consulting|treating|supervising|"
    r"requesting|discharging|family|rendering|billing|covering|"
    r"on[- ]call)(?: care)? (?:physician|provider|doctor|md|surgeon|clinician|dr)|"
    r"pcp|physician|provider|surgeon|assistant|anesthesiologist|anaesthetist|cardiologist|"
    r"oncologist|radiologist|pathologist|resident|"
    r"fellow|clinician|therapist|counselor|psychiatrist|psychologist|social worker|"
    r"case manager|care manager|nurse|rn|np|pa|md|"
    r"(?:next of kin|nok)|emergency contact|guardian|guarantor|mother|father|spouse|wife|"
    r"husband|partner|son|daughter|brother|sister|caregiver|"
    r"surrogate|health ?care proxy|hcp|poa|power of attorney|interpreter|chaplain|subscriber|insured|policy ?holder|"
    r"dictated by|dictator|transcribed by|transcriptionist|(?:electronically |"
    r"digitally )?(?:signed|authenticated|verified|co-?signed|reviewed|approved|completed|"
    r"entered|reported|interpreted|read|performed|prepared|"
    r"written|documented|attested|ordered|requested|referred|collected|administered|"
    r"prescribed|seen|examined|called|notified|witnessed|accompanied|recorded|released) by|"
    r"author|signature|"
    r"cc|c\.c\.|attn|attention|from|to|re|regarding|dear"
)
_TITLE = (
    r"(?:mr|mrs|ms|mx|miss|dr|drs|prof|professor|rev|reverend|hon|judge|capt|captain|sgt|"
    r"doctor|nurse|madam|dame|lord|lady|"
    r"rabbi|imam|pastor|chaplain|officer|detective|attorney|atty|herr|frau|monsieur|mme|mlle|srta|senora?|senor)"
)
_CREDENTIAL = (
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-?C)?|Ph\.?D|Psy\.?D|D\.?D\.?S|D\.?M\.?D|D\.?P\.?M|"
    r"D\.?V\.?M|PharmD|Pharm\.D|R\.?Ph|LPN|LVN|CNA|CRNA|CNM|"
    r"APRN|ARNP|FNP(?:-?B?C)?|DNP|BSN|MSN|LCSW|LICSW|LMSW|MSW|LMFT|LPC|PT|DPT|OT|OTR(?:/L)?|"
    r"SLP|CCC-SLP|RD|RDN|RRT|RT|MBBS|MRCP|FRCP|FRCS|FACC|FACS|FACP|MPH|Esq|EMT-?P?)"
)
_WORD = r"[A-Z][A-Za-z'`.-]{0,24}"
_PARTICLE = r"(?:(?:de|del|della|la|le|van|von|der|den|di|da|dos|du|bin|ibn|al|el|ter|ten|y|e|st)[ .-]){0,2}"

_IDS: tuple[tuple[str, str, str, str], ...] = (
    (
        "mrn",
        "mrn",
        (
            r"m\.?r\.?n|mr[ _]?#|(?:medical[ _]?)?record[ _]?(?:number|no\b\.?|num|#|id)|"
            r"med[ _.]*rec[ _.]*(?:no|num|#)?|chart[ _]?(?:number|no\b\.?|#|id)|(?:patient|pt|"
            r"hospital|unit|clinic|person|subject|study)[ _.]?(?:number|no\b\.?|num|#|id|identifier)|"
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
            r"identifier)+|hicn|mbi|medicare|medicaid|rx[ _]?(?:bin|pcn|grp|group)"
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
            r"unique|tax|employer|ein|tin|itin)[ _.]?(?:number|no\b\.?|num|#|id|identifier|code)|"
            r"accession|identifier|(?:user|login|screen)[ _]?name|ein|itin|uuid|guid|job"
        ),
        "Accession #: S19-28841",
    ),
)


def _labelled(name: str, kind: str, labels: str, example: str) -> Pattern:
    return Pattern(
        f"{name} label", kind, rf"(?i)\b(?:{labels}){_LINK}{_CODE}", example, "has_digit", labelled=True, score=0.9
    )


PATTERNS: tuple[Pattern, ...] = (
    # ssn
    Pattern("ssn shape", "ssn", r"(?:\b|_)(\d{3}-\d{2}-\d{4})(?:\b|_)", "999-12-3456", "whole_number", score=0.85),
    Pattern("ssn spaced", "ssn", r"\b\d{3}[ ._/]\d{2}[ ._/]\d{4}\b", "123 45 6789", "alone", score=0.7),
    Pattern("ssn hidden", "ssn", r"(?:[xX*#]{3}[- .]?[xX*#]{2}[- .]?)(\d{4})\b", "xxx-xx-1234", score=0.9),
    Pattern(
        "ssn label",
        "ssn",
        r"(?i)\b(?:ssn?|s\.s\.n?\.?|soc(?:ial)?\.?[ _]?sec(?:urity)?|sin|social insurance|"
        r"national (?:id|insurance)|nino?|tax ?id|itin|last (?:four|"
        r"4)(?: digits)?(?: of)?(?: (?:ssn|social))?)"
        + _SEP
        + r"((?:\d{3}[ .\-/]?\d{2,3}[ .\-/]?\d{3,4}|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]|\d{4}))\b",
        "SSN: 078051120",
        labelled=True,
        score=0.95,
    ),
    # phone, fax
    Pattern(
        "phone shape",
        "phone",
        (
            r"(?:\+?1[-. ]{0,2})?(?:\([2-9]\d{2}\)[-. ]{0,2}|"
            r"\b[2-9]\d{2}[-. /])\d{3}[-. ]\d{4}(?:,?\s*(?:x|ext\.?|extension)\s*\d{1,6})?\b"
        ),
        "(555) 123-4567",
        "alone",
        score=0.8,
    ),
    Pattern(
        "phone international",
        "phone",
        r"(?:\+|\b00)[1-9]\d{0,2}[-. ]{0,2}(?:\(\d{1,4}\)[-. ]?)?\d{1,4}(?:[-. ]?\d{2,4}){1,5}\b",
        "+44 20 7946 0958",
        "phone_length",
    ),
    Pattern(
        "phone national",
        "phone",
        r"\b0\d{2,4}[-. ]\d{3,4}[-. ]?\d{3,4}\b|\(0\d{2,4}\) ?\d{3,4}[- ]?\d{3,4}\b",
        "020 7946 0958",
        "alone",
        score=0.6,
    ),
    Pattern(
        "phone label",
        "phone",
        r"(?i)\b(?:(?:home|work|cell|mobile|office|contact|day(?:time)?|evening|emergency|"
        r"alternate|alt|main|direct|clinic)[ _]?)?(?:telephone|phone|tel|mobile|cell|pager|beeper|"
        r"hotline|landline|whatsapp|ph|call(?:ed| back)?(?: (?:at|him at|her at|them at|us at|"
        r"me at))?|reach(?:ed|able)?(?: (?:at|him at|her at|them at|me at|us at))?|"
        r"text(?:ed)? (?:at|to)|phone at|contact(?:ed)?(?: (?:at|him at|her at|on))|callback|dial|"
        r"extension|ext|voicemail)" + _SEP + _PHONE_VALUE,
        "tel: 555-0142",
        "phone_label",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "phone letter",
        "phone",
        r"(?i)(?:^|[\s(,;])[hwcmtpo]\s?[:.]\s?" + _PHONE_VALUE,
        "c: 555-014-2231",
        "phone_label",
        labelled=True,
        score=0.8,
    ),
    Pattern(
        "phone seven",
        "phone",
        r"\b[2-9]\d{2}-\d{4}\b",
        "555-0142",
        "alone",
        near=(
            "phone",
            "tel",
            "call",
            "cell",
            "mobile",
            "pager",
            "contact",
            "reach",
            "number",
            "home",
            "office",
            "ext",
            "dial",
            "beeper",
            "voicemail",
            "text",
        ),
        score=0.5,
    ),
    Pattern(
        "fax label",
        "fax",
        r"(?i)\b(?:fax|facsimile)" + _SEP + _PHONE_VALUE,
        "Fax: (555) 123-4568",
        "phone_label",
        labelled=True,
        score=0.95,
    ),
    Pattern(
        "extension",
        "phone",
        r"(?i)\b(?:ext\.?|extension|pager|beeper|bpr|pgr|vm)[ :#.]{1,3}#?(\d{3,6})\b",
        "pager 4471",
        labelled=True,
        score=0.7,
    ),
    # email, url, ip
    Pattern(
        "email shape",
        "email",
        r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,80}[A-Za-z0-9])?\.[A-Za-z]{2,24}\b",
        "jane.doe@example.org",
        score=0.98,
    ),
    Pattern(
        "email local",
        "email",
        r"(?i)\be-?mail" + _LINK + r"([A-Z0-9._%+-]{1,64}@[A-Z0-9-]{1,64})\b",
        "email: jdoe@clinic",
        labelled=True,
    ),
    Pattern(
        "email spelled",
        "email",
        (
            r"(?i)\b[A-Z0-9._%+-]{2,40}\s?(?:\(at\)|\[at\]|\{at\}|\s+at\s+|"
            r"<at>)\s?[A-Z0-9-]{2,40}(?:\s?(?:\(dot\)|\[dot\]|\{dot\}|\s+dot\s+)\s?[A-Z]{2,24}|"
            r"\.[A-Z]{2,24}){1,3}\b"
        ),
        "jane.doe at example dot org",
        "spelled_email",
        score=0.8,
    ),
    Pattern(
        "url shape",
        "url",
        r"(?i)\b(?:https?|ftps?|sftp|wss?|file|s3|gs|ldaps?|mllp)://[^\s<>\"'`{}|\\^]{2,400}",
        "https://portal.example.org/p/1",
        "public_url",
        score=0.95,
    ),
    Pattern(
        "url www",
        "url",
        r"(?i)\bwww\.[A-Z0-9-]{1,63}(?:\.[A-Z0-9-]{1,63}){1,4}(?:/[^\s<>\"']{0,200})?",
        "www.example.org",
        "public_url",
        score=0.95,
    ),
    Pattern(
        "url bare",
        "url",
        (
            r"(?i)\b(?:[A-Z0-9-]{2,63}\.){1,4}(?:com|org|net|edu|gov|mil|io|info|biz|health|care|"
            r"clinic|hospital|uk|ca|de|fr|au|us|eu|co|me|app|dev|ai|online|site|"
            r"xyz)(?:/[^\s<>\"']{1,200})?\b"
        ),
        "clinic.example.com/jdoe",
        "bare_url",
        score=0.6,
    ),
    Pattern("ipv4", "ip", r"\b(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2}|:\d{2,5})?\b", "10.20.30.40", "ipv4", score=0.8),
    Pattern(
        "ipv6",
        "ip",
        (
            r"(?i)(?:\b[0-9A-F]{1,4}:|:):?(?:[0-9A-F]{1,4}:{1,2}){1,6}(?:[0-9A-F]{1,4}|"
            r"(?:\d{1,3}\.){3}\d{1,3})?(?:%[a-z0-9]{1,12})?(?:/\d{1,3})?"
        ),
        "2001:db8::8a2e:370:7334",
        "ipv6",
        score=0.7,
    ),
    Pattern("mac", "device", r"(?i)\b[0-9A-F]{2}(?:[:-][0-9A-F]{2}){5}\b", "00:1B:44:11:3A:B7", "alone", score=0.85),
    # numbered identifiers with a label
    *(_labelled(*row) for row in _IDS),
    Pattern(
        "mrn plain label",
        "mrn",
        r"(?i)\b(?:m\.?r\.?n|mr ?#|hrn|emrn|chart ?#)\.?\s{1,3}" + _CODE,
        "MRN 501-33-46",
        "has_digit",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "plain label",
        "id",
        r"(?i)\b(?:csn|acct|account|npi|dea|passport|accession|job|claim|ticket|case|specimen|"
        r"encounter|visit)\s?#?\s{1,2}(\d[\d-]{4,18}\d|[A-Z]{1,4}-?\d[\d-]{3,14}\d)\b",
        "Accession S19-28841",
        labelled=True,
        score=0.7,
    ),
    Pattern(
        "plate plain label",
        "vehicle",
        r"(?i)\b(?:(?:licen[sc]e|vehicle|registration|number|car) plates?|plate|"
        r"vin)\s{1,2}((?:[A-Z]{1,3} )?[A-Z0-9-]{4,17})\b",
        "Vehicle plate 7TRB208",
        "has_digit",
        labelled=True,
        score=0.75,
    ),
    Pattern(
        "mbi",
        "health_plan",
        (
            r"\b[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC"
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
    Pattern("hash number", "id", r"(?:#|\bNo\.\s?)([A-Z0-9]{0,4}-?\d{4,14})\b", "#00482913", score=0.6),
    # dates and ages
    Pattern(
        "date iso",
        "date",
        r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}" + _CLOCK + r"\b",
        "2019-03-05T10:00:00Z",
        "date",
        score=0.95,
    ),
    Pattern(
        "date numeric",
        "date",
        r"(?i)" + r"\b" + _WEEKDAY + r"\d{1,2}([-/.])\d{1,2}[-/.](?:\d{4}|'?\d{2})" + _CLOCK + r"\b",
        "3/5/2019",
        "date_numeric",
        score=0.85,
    ),
    Pattern(
        "date compact",
        "date",
        (
            r"\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T?\d{4,6}(?:\.\d{1,6})?(?:Z|"
            r"[+-]\d{4})?)?\b"
        ),
        "20190305",
        "date",
        score=0.7,
    ),
    Pattern(
        "date month first",
        "date",
        r"(?i)\b"
        + _WEEKDAY
        + _MONTH
        + r"\.?[ -]{1,2}(?:the )?\d{1,2}(?:st|nd|rd|th)?(?:\s?(?:-|to|and|through|thru|&)\s?(?:"
        + _MONTH
        + r"\.?\s)?\d{1,2}(?:st|nd|rd|th)?)?(?:(?:,\s{0,2}|\s{1,2}|-)'?(?:\d{4}|\d{2}))?"
        + _CLOCK
        + r"\b",
        "March 5, 2019",
        "date_words",
        score=0.9,
    ),
    Pattern(
        "date day first",
        "date",
        r"(?i)\b"
        + _WEEKDAY
        + r"(?:the )?\d{1,2}(?:st|nd|rd|th)?(?:[- /.]| day of | of )"
        + _MONTH
        + r"\.?(?:(?:,\s{0,2}|[- /.]{1,2})'?(?:\d{4}|\d{2}))?"
        + _CLOCK
        + r"\b",
        "5 March 2019",
        "date_words",
        score=0.9,
    ),
    Pattern(
        "date month year",
        "date",
        r"(?i)\b(?:early |mid[- ]|late )?" + _MONTH + r"\.?(?:,? (?:of )?|-|/|')(?:19|20)\d{2}\b",
        "March 2019",
        "date_words",
        score=0.85,
    ),
    Pattern(
        "date year first",
        "date",
        r"(?i)\b(?:19|20)\d{2}[- ,/]{1,2}" + _MONTH + r"(?:[- ,/]{1,2}\d{1,2})?\b",
        "2019 March 5",
        "date_words",
        score=0.85,
    ),
    Pattern(
        "date number year",
        "date",
        r"\b(?:0?[1-9]|1[0-2])[/-](?:19|20)\d{2}\b|\b(?:19|20)\d{2}-(?:0[1-9]|1[0-2])\b",
        "03/2019",
        "alone",
        score=0.75,
    ),
    Pattern(
        "date month day",
        "date",
        (
            r"(?i)\b(?:on|since|from|until|till|til|through|thru|before|after|by|dated?|"
            r"d\.?o\.?[bsad]\.?|of|due|last|to|between|and|effective|seen|admitted|discharged|"
            r"starting|started|stopped|next|appt|appointment|visit|week of|labs?|ct|mri|cxr|echo|ekg|"
            r"ecg|xr|us|cultures?|bcx|ucx|or|pod|postop|surgery|collected|drawn|notified|called|faxed|(?:last|prior|repeat|"
            r"recent) [a-z]{2,12}|"
            r"done)[ :(]{1,2}((?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\d|3[01]))\b"
        ),
        "seen on 3/5",
        "month_day",
        score=0.7,
    ),
    Pattern(
        "date line",
        "date",
        r"(?m)^\s{0,4}(?:[-*] )?((?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))\s?[:)-]",
        "3/5: afebrile",
        "month_day",
        score=0.7,
    ),
    Pattern(
        "date range",
        "date",
        (
            r"\b((?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])\s?(?:-|to|through|thru)\s?(?:0?[1-9]|"
            r"1[0-2])/(?:0?[1-9]|[12]\d|3[01]))(?:/\d{2,4})?\b"
        ),
        "3/5-3/9",
        score=0.75,
    ),
    Pattern(
        "date label",
        "date",
        r"(?i)\b(?:d\.?o\.?b\.?|birth[ _]?dates?|date[ _]of[ _](?:birth|service|admission|"
        r"discharge|death|visit|procedure|surgery|exam(?:ination)?|injury|consult(?:ation)?|"
        r"encounter|report|onset|diagnosis)|born(?: on)?|admit(?:ted|[ _]date)?|"
        r"admission[ _]?date|discharge[ _]?date|expir(?:y|es|ation)(?:[ _]date)?|visit[ _]?date|"
        r"service[ _]?date|dos|dod|doa|dod|date)"
        + _SEP
        + r"(\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{6,8}|\d{1,2}[/-]\d{2,4})\b",
        "DOB 03 05 61",
        labelled=True,
        score=0.95,
    ),
    Pattern(
        "holiday",
        "date",
        (
            r"\b(?:Christmas(?: (?:Day|Eve))?|Thanksgiving(?: Day)?|New Year'?s(?: (?:Day|Eve))|"
            r"Halloween|Independence Day|Labor Day|Memorial Day|Valentine'?s Day|Easter(?: Sunday)?|"
            r"(?:the )?Fourth of July)\b"
        ),
        "Thanksgiving",
        score=0.6,
    ),
    Pattern(
        "age digits",
        "age",
        (
            r"(?i)\b((?:9\d|1[0-4]\d)(?:\s?-?\s?(?:years?|yrs?|y/?o|yo|y\.o\.|"
            r"year-old)?(?:[ -]old)?)?)"
        ),
        "93-year-old",
        "age_context",
        score=0.8,
    ),
    Pattern(
        "age label",
        "age",
        (
            r"(?i)\b(?:aged?|age[ _]at[ _][a-z]{3,12}|turn(?:ed|ing|s))(?:\s{0,2}(?:[:=(]|is|was|"
            r"of)){0,2}\s{0,2}(9\d|1[0-4]\d)\b"
        ),
        "Age: 93",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "age words",
        "age",
        (
            r"(?i)\b(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|"
            r"one hundred(?:(?: and)?[- ](?:one|two|three|four|five|six|seven|eight|nine|"
            r"ten))?)[- ](?:years?|yrs?)(?:[- ]olds?)?\b"
        ),
        "ninety-three-year-old",
        score=0.85,
    ),
    # geography
    Pattern(
        "street",
        "address",
        r"(?i)\b\d{1,6}[A-Z]?(?:-\d{1,5})?,?\s+(?:(?:[NSEW]\.?|[NS]\.?[EW]\.?|north|south|east|"
        r"west|n(?:orth)?(?:east|west)|s(?:outh)?(?:east|"
        r"west))\s+)?(?:[A-Z0-9][A-Z0-9'.-]*\s+){1,4}?"
        + _STREET
        + r"\b\.?(?:\s+(?:[NSEW]|[NS][EW])\b)?"
        + _UNIT
        + r"{0,2}(?:[,\n]{1,2}\s*[A-Z][A-Za-z'. -]{1,30}){0,2}(?:[,\n ]{1,3}\s*"
        + _STATE
        + r")?(?:\.?,?\s+\d{5}(?:-\d{4})?\b)?",
        "235 North Pearl Street, Apt 4, Brockton, MA 02301",
        "street",
        score=0.85,
    ),
    Pattern(
        "unit",
        "address",
        r"(?i)\b(?:apt|apartment|suite|ste|flat)\.?\s*#?\s?(?:\d{1,5}[A-Z]?|[A-Z]\d{0,4})\b",
        "Apt. 864",
        score=0.6,
    ),
    Pattern(
        "unit to postcode",
        "address",
        (
            r"\b(?i:apt|apartment|suite|ste|unit|flat|floor)\.?\s*#?\s?\d{1,5}[A-Za-z]?"
            r"(?:\s*[,\n]\s*[A-Z][A-Za-z.'() -]{1,30}){1,3}\s*,?\s+\d{4,6}\b"
        ),
        "Suite 282\n Lisboa\n Portugal 34796",
        score=0.75,
    ),
    Pattern(
        "street abroad",
        "address",
        (
            r"\b\d{1,6}[A-Z]?,?\s(?:[A-Z][A-Za-z.'-]{1,24}\s){1,4}(?:\d{1,4}[a-z]?\.?,?\s+)?"
            r"(?i:apt|apartment|suite|ste|unit|flat)\.?\s*#?\s?\d{1,5}[A-Za-z]?\b"
        ),
        "3482 Via Franscini 71 Suite 838",
        score=0.75,
    ),
    Pattern(
        "po box",
        "address",
        r"(?i)\bP\.?\s?O\.?\s?Box\s+#?\d{1,8}(?:,\s*[A-Z][A-Za-z'. -]{1,30}){0,2}(?:,?\s+"
        + _STATE
        + r")?(?:\.?,?\s+\d{5}(?:-\d{4})?\b)?|\b(?:RR|"
        r"rural route)\s?#?\s?\d{1,3},?\s+box\s+\d{1,5}\b",
        "P.O. Box 1187",
        score=0.9,
    ),
    Pattern(
        "city state zip",
        "address",
        r"\b(?:(?:[A-Z][A-Za-z'.-]{1,24})\s){0,2}[A-Z][A-Za-z'.-]{1,24},?\s+" + _STATE + r"\.?,?\s+\d{5}(?:-\d{4})?\b",
        "Brockton, MA 02301",
        score=0.9,
    ),
    Pattern(
        "city state",
        "address",
        (
            r"\b((?:(?:St\.?|San|New|Fort|Ft\.?|Port|Los|Las|El|La|North|South|East|West|Mount|Mt\.?|"
            r"Lake|Saint|Santa|Palm|Salt|Grand|Cedar|Little|Long|Baton|"
            r"Des)\s)?(?:[A-Z][a-z'.-]{2,20}\s)?[A-Z][a-z'.-]{2,20}|[A-Z]{4,20}),\s?(?:" + _STATE + r")\b"
        ),
        "Brockton, MA",
        "place",
        score=0.7,
    ),
    Pattern(
        "zip label",
        "address",
        r"(?i)\b(?:zip(?:[ _]?code)?|postal(?:[ _]?code)?|post ?code)"
        + _SEP
        + r"(\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{3,6})\b",
        "zip code 02301",
        labelled=True,
        score=0.95,
    ),
    Pattern("zip plus four", "address", r"\b\d{5}-\d{4}\b", "02301-1234", "alone", score=0.6),
    Pattern("uk postcode", "address", r"\b[A-Z]{1,2}\d[A-Z0-9]? \d[ABD-HJLNP-UW-Z]{2}\b", "SW1A 1AA", score=0.75),
    Pattern(
        "ca postcode",
        "address",
        r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]\d[ABCEGHJ-NPRSTV-Z]\d\b",
        "K1A 0B1",
        score=0.75,
    ),
    Pattern(
        "coordinates",
        "address",
        r"[-+]?\b\d{1,2}\.\d{3,9}\s?[NS]?,\s?[-+]?\d{1,3}\.\d{3,9}\b(?:\s?[EW]\b)?",
        "42.0834, -71.0184",
        score=0.8,
    ),
    Pattern(
        "address label",
        "address",
        (
            r"(?i)\b(?:(?:home|mailing|street|billing|current|work|permanent|"
            r"postal)[ _]?)?(?:address(?:[ _]?line[ _]?\d?)?|addr|residence|"
            r"street)[ _]?\d?\s{0,2}[:=]\s{0,3}([^\n\r\t|;=<>{}\[\]\"]{4,90})"
        ),
        "Address: Rua das Flores 12",
        "address_line",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "city label",
        "address",
        r"(?i)\b(?:city|town|village|county|parish|district|birth ?place|place of birth|hometown|"
        r"suburb|neighborhood|facility|hospital|clinic|location|"
        r"site)(?:[ _]name)?\s{0,2}[:=]\s{0,3}" + _REST,
        "City: Brockton",
        "place_line",
        labelled=True,
        score=0.8,
    ),
    Pattern(
        "facility",
        "address",
        r"\b((?:(?:St\.?|Saint|Mt\.?|Mount|Our Lady of|University of|"
        r"[A-Z][A-Za-z'.&-]{1,20})\s(?:of\s|and\s|&\s|the\s)?){1,4}"
        r"(?:Hospital(?:\s(?:Center|System|and Clinics?))?|Medical (?:Center|Group|Associates|"
        r"Clinic|Centre)|Infirmary|Hospice|"
        r"(?:[A-Z][a-z]+\s)?(?:Clinic|Rehabilitation (?:Institute|Center|Hospital)|Nursing (?:Home|Center|Facility)|"
        r"Health (?:Center|System|Clinic|Care Center)|Healthcare(?: Center)?|Surgery Center|"
        r"Cancer (?:Center|Institute)|"
        r"Care Center|Treatment Center|Birth Center|Dialysis Center|Retirement (?:Home|Community)|Assisted Living|"
        r"Senior Living|Family Practice|Pediatrics|Pharmacy|Sanatorium|Memorial|Regional)))\b",
        "Cedar Ridge Medical Center",
        "facility",
        score=0.75,
    ),
    # names
    Pattern(
        "name label",
        "name",
        r"(?i)\b(?:" + _PERSON + r")(?:\(s\))?\s{0,2}(?:[:=]|\s-\s|,?\s#\d?\s?:)\s{0,3}[\"']?" + _REST,
        "Patient Name: Smith, John A.",
        "name_line",
        labelled=True,
        score=0.85,
    ),
    Pattern(
        "name title",
        "name",
        r"\b(?i:" + _TITLE + r")\b\.?,?\s{1,2}(" + _PARTICLE + _WORD + r"(?:[ -]{1,2}" + _PARTICLE + _WORD + r"){0,3})",
        "Dr. Maria de la Cruz",
        "name_words",
        score=0.85,
    ),
    Pattern(
        "name credential",
        "name",
        r"\b(" + _WORD + r"(?:[ -]" + _PARTICLE + _WORD + r"){0,3})\s?,?\s{1,2}" + _CREDENTIAL + r"\b",
        "Anna Kowalska, MD",
        "name_words",
        score=0.8,
    ),
    Pattern(
        "name last first",
        "name",
        (
            r"\b([A-Z][A-Za-z'-]{1,24}(?:[ -][A-Z][A-Za-z'-]{1,20})?,\s?[A-Z][A-Za-z'-]{1,20}"
            r"(?:\s[A-Z]\b\.?|\s[A-Z][a-z]{2,15})?)"
        ),
        "SMITH, JOHN A.",
        "last_first",
        score=0.6,
    ),
    Pattern(
        "name relation",
        "name",
        r"(?i:\b(?:wife|husband|spouse|partner|son|daughter|mother|father|mom|dad|brother|sister|"
        r"aunt|uncle|cousin|niece|nephew|grandmother|grandfather|grandson|granddaughter|guardian|"
        r"caregiver|friend|neighbor|roommate|fiancee?|boyfriend|girlfriend|named|name is|known as|"
        r"aka|a\.k\.a\.|goes by|called))[,:]?\s(?i:is )?\(?([A-Z][a-z'-]{1,20}(?:\s"
        + _PARTICLE
        + r"[A-Z][A-Za-z'.-]{1,20}){0,2})",
        "wife Annette Kowal",
        "name_words",
        score=0.7,
    ),
    Pattern(
        "name by",
        "name",
        r"(?i:\b(?:signed|dictated|authenticated|verified|reviewed|approved|entered|reported|"
        r"interpreted|read|performed|"
        r"prepared|written|documented|attested|ordered|requested|referred|prescribed|seen|examined|administered|"
        r"accompanied|transcribed|evaluated|assessed|discussed with|d/w|called|paged|contacted|spoke (?:with|to)|"
        r"received from|report (?:given )?to|handed off to|per|by|to|for|from|with)\b)(?i: by| from)?:?\s{1,2}"
        r"((?:[A-Z][a-z'-]{1,20}\s(?:[A-Z]\.?\s)?){1,2}[A-Z][A-Za-z'-]{1,24})\b",
        "Electronically signed by Angel Nakashima",
        "likely_person",
        score=0.7,
    ),
    Pattern(
        "name greeting",
        "name",
        r"(?m)(?:^|[.!?]\s)(?i:hi|hello|dear|hey|thanks|thank you|regards|kind regards|best|best regards|sincerely|"
        r"cheers|yours truly)(?:,\s{1,3}|\s)([A-Z][a-z'-]{1,20}(?:\s[A-Z][A-Za-z'-]{1,20})?)\s?(?:[,.!:;-]|$)",
        "Hi Gurpreet, can you look",
        "name_words",
        score=0.75,
    ),
    Pattern(
        "name born",
        "name",
        r"(?:n[\xe9e]e|(?i:maiden name|formerly|proband|parents?|daughter of|son of|wife of|"
        r"husband of|widow of)):?\s{1,2}"
        r"([A-Z][A-Za-z'-]{1,24}(?:\s[A-Z][A-Za-z'-]{1,24}){0,2})",
        "nee Oyelaran",
        "name_words",
        score=0.75,
    ),
    Pattern(
        "name title lower",
        "name",
        r"\b(?:dr|mr|mrs|ms|miss|pt|patient|nurse)\.?\s([a-z][a-z'-]{1,20}(?:\s[a-z][a-z'-]{1,20})?)\b",
        "dr featherstone",
        "lower_name",
        score=0.7,
    ),
    # secrets and cards
    Pattern(
        "private key",
        "secret",
        (
            r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE|"
            r"PGP MESSAGE)[A-Z0-9 ]{0,20}-----[A-Za-z0-9+/=\s\\n,:.-]*(?:-----END [A-Z0-9 ]{0,"
            r"60}-----)?"
        ),
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        score=1.0,
    ),
    Pattern(
        "bearer",
        "secret",
        r"(?i)\b(?:bearer|basic|negotiate|token|apikey)\s+([A-Z0-9._~+/=-]{12,})",
        "Bearer abcdef1234567890abcdef",
        "secret_like",
        score=0.9,
    ),
    Pattern(
        "jwt",
        "secret",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        score=0.99,
    ),
    Pattern(
        "vendor key",
        "secret",
        (
            r"\b(?:AKIA|ASIA|AGPA|AROA|AIDA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,255}\b|"
            r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b|\bglpat-[A-Za-z0-9_-]{20,64}\b|"
            r"\bxox[abposr]-[A-Za-z0-9-]{10,250}\b|\bsk-(?:ant-|proj-|live-)?[A-Za-z0-9_-]{16,250}\b|"
            r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,120}\b|\bAIza[A-Za-z0-9_-]{35}\b|"
            r"\bya29\.[A-Za-z0-9_-]{20,300}|\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[A-Za-z0-9_-]{50,300}|"
            r"\bhf_[A-Za-z0-9]{30,40}\b|\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|"
            r"\bhvs\.[A-Za-z0-9_-]{20,200}|\bdop_v1_[a-f0-9]{64}\b|\bEAAC[A-Za-z0-9]{20,300}"
        ),
        "AKIAIOSFODNN7EXAMPLE",
        score=1.0,
    ),
    Pattern(
        "password label",
        "secret",
        (
            r"(?i)\b(?:pass(?:word|wd|phrase|code)?|pwd|secret(?:[ _-]?(?:key|access[ _-]?key))?|"
            r"api[ _-]?(?:key|token|secret)|access[ _-]?(?:key(?:[ _-]?id)?|token)|"
            r"auth(?:orization)?[ _-]?(?:token|key)|refresh[ _-]?token|id[ _-]?token|"
            r"session[ _-]?(?:token|key|cookie)|client[ _-]?secret|private[ _-]?key|"
            r"encryption[ _-]?key|signing[ _-]?key|credentials?|pin(?:[ _]?code)?|otp|mfa[ _]code|"
            r"x-api-key|token|set-cookie|cookie|jsessionid)[\"']?(?:\s{0,2}(?:is|was)\s{1,2}|"
            r"\s{0,2}[:=]{1,2}>?\s{0,3})[\"']?([^\s\"',;<>]{3,512})"
        ),
        "password: hunter2!",
        "password",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "url credentials",
        "secret",
        r"(?i)\b[A-Z][A-Z0-9+.-]{1,20}://[^\s:/@\"']{1,64}:([^\s/@\"']{1,128})@",
        "postgres://app:s3cret@db/x",
        score=0.95,
    ),
    Pattern("entropy", "secret", r"[A-Za-z0-9+/_=-]{28,}", "kQ8x2LmZp0Vb7Rt5Yw3Nc9Hs1Jd6Fg4A", "entropy", score=0.6),
    Pattern("card", "card", r"\b(?:\d[ -]?){12,18}\d\b", "4111 1111 1111 1111", "card", score=0.85),
    Pattern(
        "card label",
        "card",
        (
            r"(?i)\b(?:(?:credit|debit|payment)[ _]?card|card(?:[ _]?(?:number|no\b\.?|num|#))?|"
            r"cc(?:[ _]?(?:number|no\b\.?|num|#))|visa|mastercard|amex|pan|cvv2?|cvc)"
            + _SEP
            + r"((?:\d[ -]?){2,18}\d)\b"
        ),
        "card number 4000 1234 5678",
        "card_label",
        labelled=True,
        score=0.9,
    ),
    # biometric
    Pattern(
        "biometric label",
        "biometric",
        (
            r"(?i)\b(?:finger ?print|retina(?:l)? ?scan|iris ?(?:scan|code)|voice ?print|"
            r"face ?(?:print|id|encoding|template)|palm ?print|biometric)[ _](?:template|id|hash|code|"
            r"data|identifier)?" + _LINK + r"([A-Z0-9+/=_-]{6,512})"
        ),
        "fingerprint id: FP-99812-A",
        "has_digit",
        labelled=True,
        score=0.9,
    ),
)
