"""The field dictionary: what a field's name says about its value, for FHIR, HL7, OMOP, X12 and common columns.

Strategy: a name is split into lower-case words (`patientFirstName`, `PATIENT_FIRST_NAME` and `Patient first name` are
one name), then looked up whole, then by its last words. Words of codes and measures keep a value out of the prose
engine; what is in no table is scanned.
"""

from __future__ import annotations

import functools
import re
from typing import ClassVar

from .wordset import word_set


class Role:
    """What is done with a field's value."""

    VALUE = "value"  # masked as the field's kind
    DATEISH = "dateish"  # masked as a date where it reads as one, else scanned
    NAMEISH = "nameish"  # masked as a name where the object is about a person, else scanned
    CODE = "code"  # patterns and known values only, never the prose engine
    SCAN = "scan"  # patterns, known values, and the prose engine for prose


class Rule:
    """The verdict on a field's name. Equal rules are one object, so that they are quick to look things up by."""

    __slots__ = ("kind", "role")
    role: str
    kind: str | None
    _made: ClassVar[dict[tuple[str, str | None], Rule]] = {}

    def __new__(cls, role: str, kind: str | None = None) -> Rule:
        made = cls._made.get((role, kind))
        if made is None:
            made = cls._made[(role, kind)] = super().__new__(cls)
            made.role, made.kind = role, kind
        return made


SCAN, CODE = Rule(Role.SCAN), Rule(Role.CODE)
DATEISH, NAMEISH = Rule(Role.DATEISH, "date"), Rule(Role.NAMEISH, "name")

# Whole names or their last words, written as words. One line a kind; commas separate.
_VALUES = {
    "name": "first name, last name, middle name, given name, given names, family name, maiden name, "
    "full name, sur name, surname, fname, lname, mname, "
    "firstname, lastname, middlename, fullname, given, family, surnames, forename, "
    "patient name, pt name, member name, subscriber name, guarantor name, guardian name, "
    "provider name, "
    "physician name, doctor name, nurse name, attending, attending physician, "
    "attending provider, attending name, attending md, referring physician, "
    "referring provider, ordering physician, ordering provider, ordering name, "
    "primary care provider, primary care physician, pcp, pcp name, doctor, physician, "
    "clinician, practitioner name, surgeon, nurse, therapist, admitting physician, "
    "admitting provider, consulting doctor, attending doctor, "
    "referring doctor, emergency contact, emergency contact name, contact name, "
    "contact person, next of kin, nok, nok name, mother, father, spouse, mother name, "
    "father name, spouse name, mothers maiden name, mother maiden name, "
    "mother's maiden name, employee name, employer, employer name, customer name, "
    "client name, user name, username, display name, nick name, nickname, alias, aliases, "
    "preferred name, legal name, former name, previous name, birth name, account holder, "
    "cardholder, "
    "cardholder name, card holder name, beneficiary name, author name, signed by, "
    "dictated by, transcribed by, verified by, reviewed by, authenticated by, performed by, "
    "ordered by, entered by, created by, updated by, modified by, "
    "requested by, collected by, admin by, administered by, assigned to, responsible party, "
    "caregiver name, partner name, child name, sibling name, relative name, insured name, "
    "policy holder, policyholder, policy holder name, recipient name, sender name, "
    "owner name, "
    "person name, resident name, staff name, operator name, patient initials, initials, "
    "name prefix first last, nm1 last, nm1 first, patient first, patient last, "
    "patient middle, pt first, pt last, last, first, middle",
    "address": "address, addresses, addr, street, street address, street name, street 1, street 2, "
    "address line, address line 1, address line 2, address 1, address 2, address1, address2, "
    "addr 1, addr 2, addr1, addr2, line 1, line 2, home address, mailing address, "
    "work address, billing address, city, town, village, municipality, county, parish, "
    "district, borough, suburb, neighborhood, zip, zip code, zip cd, zipcode, zip 4, zip5, postal, postal cd, "
    "postal code, postalcode, post code, postcode, lat, lon, lng, latitude, longitude, geo, "
    "geolocation, geo location, coordinates, "
    "gps, geohash, birth place, birthplace, place of birth, birth city, city of birth, "
    "census tract, house number, apartment, apt, po box, location name, facility name, "
    "facility, hospital, hospital name, clinic name, organization name, organisation name, "
    "practice name, care site name, site name, school, school name, nursing home, residence, "
    "work site, workplace, county name, city name",
    "date": "dob, birth date, birthdate, date of birth, birth dt, birthday, birth day, "
    "birth datetime, birth time, day of birth, month of birth, dod, death date, "
    "date of death, deceased date, deceased date time, death datetime, death dt, "
    "admission date, admit date, admit dt, "
    "discharge date, discharge dt, service date, date of service, dos, visit date, "
    "encounter date, appointment date, appt date, procedure date, surgery date, onset date, "
    "diagnosis date, collection date, specimen date, report date, order date, "
    "prescription date, "
    "fill date, start date, end date, effective date, expiration date, expiry date, "
    "issue date, issued date, hire date, termination date, date of admission, "
    "date of discharge, date of injury, date of visit, date of procedure, admittime, "
    "dischtime, deathtime, dob epoch, month of death, day of death, birth month, "
    "birth day of month",
    "phone": "phone, phone number, phones, telephone, telephone number, tel, tel no, phone no, "
    "home phone, work phone, cell, cell phone, cellphone, mobile, mobile number, "
    "mobile phone, mobile no, mobile phone number, pager, beeper, contact number, "
    "contact phone, contact no, emergency phone, emergency contact phone, day phone, "
    "evening phone, office phone, daytime phone, callback number, sms, whats app, whatsapp, "
    "msisdn",
    "fax": "fax, fax number, fax no, facsimile",
    "email": "email, e mail, email address, mail, emails, email addr, e mail address, contact email, "
    "work email, personal email",
    "url": "website, web site, homepage, home page, web page, webpage, personal url, profile url, "
    "linkedin, facebook, twitter, instagram, portal url, link, portal link",
    "ip": "ip, ip address, ip addr, ipaddress, client ip, remote addr, remote address, remote ip, "
    "source ip, src ip, dst ip, host ip, ipv 4, ipv 6, ipv4, ipv6, x forwarded for, "
    "forwarded for, peer ip, server ip",
    "ssn": "ssn, social security, social security number, social security no, soc sec, soc sec no, "
    "ss number, ssnum, ssn last 4, last 4 ssn, ssn4, ssn last four, social, sin, "
    "social insurance number, nino, national insurance number, national id, "
    "national identifier, national id number, national number, tax id, taxpayer id, tin, "
    "itin, aadhaar, aadhaar number, cpf, curp, bsn, personnummer, patient ssn",
    "mrn": "mrn, medical record number, medical record no, medical record, med rec no, med rec num, "
    "medrec, medical record id, record number, chart number, chart no, chart id, patient id, "
    "patient identifier, patient no, patient number, patientid, pat id, pt id, pt no, pid, "
    "hospital number, hospital no, unit number, unit no, hrn, emrn, empi, epi, mpi, "
    "nhs number, nhs no, chi number, patient mrn, mrn number, person source value, "
    "subject id, patient sk, patient key, patient source value, patient external id, "
    "enterprise id, pat mrn id, pat mrn, emr id, ehr id",
    "health_plan": "member id, member number, member no, memberid, subscriber id, subscriber number, "
    "subscriberid, policy number, policy no, policy id, policy num, group number, group no, "
    "group id, insurance id, insurance number, insurance no, insurance policy number, "
    "insurance member id, plan id, plan number, health plan id, health plan number, "
    "health plan beneficiary number, beneficiary id, beneficiary number, bene id, "
    "medicare id, medicare number, medicaid id, medicaid number, hicn, hic number, mbi, "
    "payer member id, coverage id, coverage number, insured id, "
    "certificate number insurance, rx bin, rx pcn, rx group, bin number, pcn, desynpuf id, "
    "ins id",
    "account": "account, account number, account no, account num, account id, acct, acct no, "
    "acct number, acct num, account nbr, visit id, visit number, visit no, encounter id, "
    "encounter number, encounter no, encounter num, csn, pat enc csn id, hadm id, stay id, "
    "icustay id, transfer id, har, fin, fin number, billing number, billing account, "
    "billing id, invoice number, invoice no, invoice id, claim id, claim number, claim no, "
    "bank account, bank account number, routing number, aba number, sort code, iban, bic, "
    "swift, swift code, "
    "statement number, transaction id, transaction number, confirmation number, "
    "visit occurrence id, visit detail id, patient account number, patient account, "
    "guarantor account, crypto address, bitcoin address, wallet",
    "license": "license, licence, license number, license no, license num, licence number, licence no, "
    "drivers license, driver license, driver's license, drivers license number, "
    "driver license number, dl, dl number, dl no, dln, npi, npi number, provider npi, dea, "
    "dea number, dea no, upin, state license, medical license, medical license number, "
    "passport, passport number, passport no, certificate number, certification number, "
    "board certification number, clia, clia number, visa number, alien number, "
    "green card number, green card, provider number, prescriber id, provider id, "
    "physician id, practitioner id, doctor id, nurse id, clinician id",
    "vehicle": "vin, vehicle id, vehicle identification number, vehicle identifier, license plate, "
    "license plate number, licence plate, plate, plate number, plate no, registration plate, "
    "tag number, vehicle plate, car registration",
    "device": "serial number, serial no, serial num, serial, serialnumber, device id, "
    "device identifier, device serial, device serial number, udi, udi di, udi pi, "
    "carrier hrf, carrier aidc, carrierhrf, carrieraidc, imei, imsi, meid, iccid, mac, "
    "mac address, macaddress, mac addr, lot number, lot no, batch number, implant id, "
    "implant serial, unique device id, unique device identifier, distinct identifier, "
    "asset tag, advertising id, idfa, android id, device token, hardware id, machine id",
    "biometric": "fingerprint, finger print, fingerprints, retina, retina scan, iris, iris scan, "
    "iris code, voice print, voiceprint, face print, faceprint, face encoding, face id, "
    "face embedding, facial template, palm print, biometric, biometrics, biometric id, "
    "biometric template, biometric data, signature image, signature data, dna, genome, "
    "dna sequence, genetic sequence, gait signature",
    "photo": "photo, photos, picture, portrait, avatar, headshot, patient photo, profile picture, "
    "profile photo, face image, mugshot, image data, photo url, avatar url, image base 64, "
    "dicom, pixel data, thumbnail",
    "id": "id, ids, identifier, identifiers, uuid, guid, uid, oid, full url, fullurl, reference, "
    "record id, row id, accession, accession number, accession no, specimen id, "
    "specimen number, order id, order number, order no, placer order number, "
    "filler order number, sample id, case number, case id, case no, study id, trial id, "
    "participant id, enrollment id, document id, document number, note id, report id, "
    "message id, message control id, session id, request id, trace id, correlation id, "
    "user id, userid, login, login id, logon, employee id, employee number, employee no, "
    "badge, badge number, staff id, customer id, customer number, client id number, "
    "contact id, external id, "
    "source id, person id, subject, individual id, resident id, student id, barcode, "
    "donor id, biobank id, ein, employer id, tax number, appointment id, appt id, "
    "referral number, referral id, authorization number, auth number, prior auth number, "
    "prescription number, rx number, rx no, script number, ticket, ticket id, "
    "tracking number, requisition number, series instance uid, study instance uid, "
    "sop instance uid, instance uid, family id, household id, location id, organization id, "
    "note key, etag, version id, lab id, labevent id, result id, "
    "procedure occurrence id, drug exposure id, condition occurrence id, measurement id, "
    "observation id, specimen key, device exposure id, observation period id, death id, "
    "note nlp id, care site id, event id, job id",
    "age": "age, age years, age at visit, age in years, patient age, age yrs, age at admission, "
    "age at encounter, age at death, anchor age, current age",
    "secret": "password, passwd, pwd, passphrase, pass phrase, pass code, passcode, secret, "
    "secret key, client secret, api key, apikey, api token, api secret, access key, "
    "access key id, secret access key, access token, refresh token, id token, auth token, "
    "bearer token, bearer, session token, session key, token, authorization, "
    "proxy authorization, x api key, private key, encryption key, signing key, credentials, "
    "credential, cookie, set cookie, jsessionid, csrf token, connection string, "
    "database url, dsn, webhook secret, otp, pin, pin code, mfa code, security answer, "
    "security code, ssh key, pem, jwt, license key",
    "card": "card number, credit card, credit card number, card no, cc number, cc num, cc no, ccnum, "
    "debit card, debit card number, pan, cvv, cvc, cvv2, card num, payment card, card cvv, "
    "card pan, primary account number",
}
_DATEISH = (
    "date, dates, datetime, date time, time, timestamp, time stamp, ts, dt, dttm, dtm, at, "
    "on, when, day, start, end, started, ended, issued, created, updated, modified, "
    "last updated, last modified, authored on, recorded, recorded on, occurred, performed, "
    "collected, "
    "received, received time, onset, abatement, effective, sent, assertion, "
    "assertion date time, asserted date, recorded date, authored, period start, period end, "
    "valid from, valid to, valid until, expires, expiration, expiry, due, due date, "
    "scheduled, admitted, discharged, born, died, deceased, registered, charttime, "
    "storetime, "
    "chart date, chartdate, starttime, endtime, intime, outtime, ordertime, edregtime, "
    "edouttime, prepared date, when prepared, when handed over, planned date, last visit, "
    "next visit, last seen, signed, signed at, created at, updated at"
)
_NAMEISH = (
    "name, names, contact, provider, practitioner, patient, author, performer, recorder, "
    "asserter, participant, user, owner, actor, member, employee, customer, client, person, "
    "individual, guarantor, subscriber, guardian, caregiver, recipient, sender, requester, "
    "attester, informant, reporter, husband, wife, parent, son, daughter, brother, sister, "
    "relative, interpreter, staff, resident"
)
_CODES = (
    "code, codes, coding, system, display, status, type, types, category, class, use, unit, "
    "units, uom, resource type, version, language, lang, locale, severity, intent, priority, "
    "gender, sex, birth sex, race, ethnicity, marital status, religion, "
    "concept id, concept code, source concept id, concept name, vocabulary id, domain id, "
    "concept class id, type concept id, gender concept id, unit concept id, loinc, "
    "loinc code, snomed, snomed code, snomed ct, icd, icd 9, icd 10, icd9, icd10, icd code, "
    "icd version, icd9 code, icd10 code, cpt, cpt code, hcpcs, hcpcs code, hcpcs cd, ndc, "
    "ndc code, rxnorm, rxnorm code, rxcui, cvx, "
    "drg, drg code, revenue code, itemid, item id, value set, value quantity, value, "
    "valuenum, valueuom, value as number, value as concept id, range low, range high, dose, "
    "dosage, dose val rx, dose unit rx, dose quantity, dose unit, route, frequency, freq, "
    "interval, result, result value, test, test name, lab name, lab test, component, "
    "analyte, drug, drug name, drug type, drug code, medication, medication name, med name, "
    "generic name, brand name, "
    "trade name, substance, allergen, allergy, reaction, diagnosis, dx, diagnosis name, "
    "diagnosis code, dx code, condition, condition name, procedure, procedure name, "
    "procedure code, proc code, interpretation, abnormal flag, flag, ref range, "
    "reference range, specialty, specialties, modality, body site, laterality, method, "
    "profile, mime type, "
    "content type, xmlns, format, action, op, operation, event, event type, level, "
    "severity level, role, relationship, specimen type, order type, encounter type, "
    "visit type, admission type, discharge disposition, disposition, payer type, plan type, "
    "insurance type, currency, state, country, state code, country code, time zone, "
    "timezone, "
    "height, weight, bmi, bp, blood pressure, systolic, diastolic, heart rate, pulse, "
    "temperature, temp, spo 2, respiratory rate, bsa, gpa, count, total, quantity, qty, "
    "amount, price, cost, score, rank, index, size, length, number of series, "
    "number of instances, sequence, page, limit, offset, strength, form, manufacturer, "
    "product, product name, "
    "tool, tool name, server name, file type, encoding, algorithm, schema, model, "
    "model name, device name, device type, vaccine, vaccine name, vaccine code, panel, "
    "panel name, section, title code, template id, sop class, oid code, linkid, link id, "
    "definition, namespace, kind, mode, resource, search mode, compartment, canonical, "
    "instantiates canonical, device_type"
)
_KEEP_LAST = word_set("""
    code codes codesystem concept cd type category unit units status flag version uom range loinc snomed icd cpt
    ndc rxnorm system vocabulary
""")
_PEOPLE = word_set("""
    patient pt member subscriber guarantor guardian provider physician doctor nurse mother father spouse contact
    emergency nok kin employee customer client insured beneficiary caregiver partner husband wife parent son
    daughter brother sister practitioner attending referring ordering admitting performing author user person
    maternal paternal resident applicant cardholder owner recipient sender
""")
_SPELLED = {
    "nm": "name",
    "nbr": "number",
    "num": "number",
    "no": "number",
    "nr": "number",
    "fst": "first",
    "frst": "first",
    "lst": "last",
    "mid": "middle",
    "mi": "middle",
    "dte": "date",
    "prov": "provider",
    "phys": "physician",
    "pat": "patient",
    "mem": "member",
    "mbr": "member",
    "subscr": "subscriber",
    "ph": "phone",
    "phn": "phone",
    "fone": "phone",
    "tele": "telephone",
    "addr": "address",
    "cty": "city",
    "bday": "birthday",
    "brth": "birth",
    "acc": "account",
    "lic": "license",
    "emp": "employee",
    "dr": "doctor",
    "emerg": "emergency",
    "guar": "guarantor",
    "ref": "referring",
    "ins": "insurance",
    "soc": "social",
}
_NOISE = word_set("""
    number value text string raw original full primary secondary current old new home work main alt alternate
    default the src source dest target txt str val field col info data hash list all my his her
""")
_PREFIXES = tuple(sorted(_PEOPLE | {"home", "work", "primary", "cell"}, key=len, reverse=True))
_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z']+|[A-Z]+|\d+|[^\W\d_]+")


def words_of(name: str) -> tuple[str, ...]:
    """`patientFirstName`, `PATIENT_FIRST_NAME` and `Patient first name` are all (patient, first, name)."""
    return tuple(word.lower() for word in _SPLIT.findall(name))


def _table() -> dict[str, Rule]:
    table: dict[str, Rule] = {}
    for names, rule in ((_CODES, CODE), (_DATEISH, DATEISH), (_NAMEISH, NAMEISH)):
        table.update({_joined(name): rule for name in names.split(",")})
    for kind, names in _VALUES.items():
        table.update({_joined(name): Rule(Role.VALUE, kind) for name in names.split(",")})
    return table


def _joined(name: str) -> str:
    return "".join(words_of(name))


_TABLE = _table()


@functools.lru_cache(maxsize=8192)
def rule_for(name: str) -> Rule:
    """The verdict on a field called `name`, by its whole name, then by its last three, two and one words."""
    words = words_of(name)
    whole = _TABLE.get("".join(words))
    if whole is not None:
        return whole
    if not words or len(name) > 80:
        return SCAN
    if words[-1] in _KEEP_LAST or "concept" in words:
        return CODE
    if words[-1] in ("1", "2", "3", "4", "5", "6", "7", "8", "9") and len(words) > 1:
        return rule_for(" ".join(words[:-1]))
    for count in (3, 2, 1):
        if len(words) > count:
            found = _TABLE.get("".join(words[-count:]))
            if found is not None:
                return _suffix_rule(found, words, count)
    return _plainer(words)


def _plainer(words: tuple[str, ...]) -> Rule:
    """The rule for the name with its abbreviations written out, or without a word that says nothing."""
    spelled = tuple(_SPELLED.get(word, word) for word in words)
    if spelled != words:
        return rule_for(" ".join(spelled))
    if len(words) > 1:
        for rest in (words[:-1] if words[-1] in _NOISE else (), words[1:] if words[0] in _NOISE else ()):
            if rest:
                return rule_for(" ".join(rest))
    if len(words) == 1:
        for person in _PREFIXES:
            if words[0].startswith(person) and len(words[0]) > len(person) + 1:
                found = _TABLE.get(words[0][len(person) :])
                if found is not None:
                    return _suffix_rule(found, (person, words[0][len(person) :]), 1)
    return SCAN


def _suffix_rule(found: Rule, words: tuple[str, ...], count: int) -> Rule:
    """A last word weighs less than a whole name: `drug name` is none, `patient name` is."""
    if found.role == Role.NAMEISH and words[-1] in ("name", "names"):
        return Rule(Role.VALUE, "name") if _PEOPLE & set(words[:-1]) else NAMEISH
    if found.kind == "name" and count == 1 and not (_PEOPLE & set(words)):
        return (
            NAMEISH
            if words[-1] in ("first", "last", "middle", "given", "family", "surname", "attending", "initials")
            else SCAN
        )
    return found


def examples(kind: str, count: int = 12) -> list[str]:
    """The first names of the dictionary that tell `kind`, for the reference page."""
    return [name.strip() for name in _VALUES.get(kind, "").split(",")][:count]
