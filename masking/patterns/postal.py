"""Postal addresses of many countries in one run, and crossings of roads."""

from __future__ import annotations

from .pattern import Pattern

_CAPITAL = r"[A-Z\xc0-\xde]"
_LETTERS = r"[A-Za-z\xc0-\xff'.-]"
_WORD = rf"{_CAPITAL}{_LETTERS}{{0,24}}"
_SMALL = r"(?:de|du|des|d'|la|le|les|of|on|upon|the|and|&|in|am|an|der|den|y|di|del|do|da|dos|bei|nad|u|sur|sous|na)"
_PART = rf"(?:(?:{_WORD}|{_SMALL}|\d{{1,3}}(?:st|nd|rd|th)|\([A-Z]\))(?: - |,?\s|,\s?\n))"
_UNIT = (
    r"(?:(?i:flat|unit|apt\.?|apartment|suite|floor|shop|h\.?\s?no\.?|house no\.?|door no\.?|plot(?: no\.?)?|"
    r"d\.?\s?no\.?|rmb|private bag|locked bag|g?po box|lot|site|comp|rural route|block|blk)[ :#]{0,2}"
    r"[A-Z]?-?\d{1,4}(?:[-/]\d{1,4}){0,3}[A-Za-z]?,?\s)"
)
_POSTCODE = (
    r"(?:[A-Z]{1,2}\d[A-Z0-9]? ?\d[ABD-HJLNP-UW-Z]{2}"
    r"|[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d"
    r"|[AC-FHKNPRTV-Y]\d[0-9W] ?[0-9AC-FHKNPRTV-Y]{4}"
    r"|(?:NSW|VIC|Vic|QLD|Qld|SA|WA|TAS|Tas|NT|ACT|N\.S\.W\.),? \d{4}"
    r"|(?:- ?|[Pp][Ii][Nn][ :-]{1,3})?\d{3} ?\d{3}|\d{4})"
)
_CODE = r"(?:[A-Z]{1,2}-)?(?:\d{5}|\d{4}(?: [A-Z]{2})?|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3})"
_TOWN = rf"{_WORD}(?:[ -](?:{_WORD}|am|an|der|sur|sous|le|la|les|de|nad|upon|ob|i)){{0,3}}(?: \d{{1,2}})?"
_NUMBER = r"\d{1,5}(?:[-/]\d{1,4}){0,2}(?: ?(?:bis|ter|[A-Za-z]))?"
_WAYS = (
    r"(?:Street|St|Avenue|Ave|Av|Boulevard|Blvd|Road|Rd|Lane|Ln|Parkway|Pkwy|Highway|Hwy|Drive|Dr|Court|Ct|Place|Pl|"
    r"Terrace|Way|Pike|Turnpike)\b\.?"
)
_SIDE = (
    r"(?:(?:[NSEW]\.?|North|South|East|West) )?(?:\d{1,3}(?:st|nd|rd|th|ST|ND|RD|TH)\b|[A-Z][A-Za-z'-]{2,20}"
    rf"(?: [A-Z][a-z'-]{{2,20}})?)(?: {_WAYS})?"
)

POSTAL: tuple[Pattern, ...] = (
    Pattern(
        "postal address",
        "address",
        rf"\b({_UNIT}{{0,3}}\d{{1,5}}(?:[-/]\d{{1,4}})?[A-Za-z]?,?\s{_PART}{{1,10}}{_POSTCODE})\b"
        rf"|\b({_UNIT}{{1,3}}{_PART}{{1,10}}{_POSTCODE})\b",
        "4 Smithy Brae, Drumnadrochit IV63 6TX",
        "postal",
        score=0.85,
    ),
    Pattern(
        "postal address of a named house",
        "address",
        rf"\b((?:{_WORD} ){{1,3}}(?i:house|cottage|farm|lodge|villa|barn|hall|manor|rectory|croft|bungalow|mill|grange|"
        rf"vicarage|bhavan|nivas|nilayam|apartments|apts|towers|nagar|enclave|colony|society)(?:,\s?{_WORD}"
        rf"(?:[ -](?:{_WORD}|{_SMALL})){{0,3}}){{1,5}},? {_POSTCODE})\b",
        "Heron Cottage, Mill Lane, Ambleside LA22 9ZZ",
        "postal",
        score=0.85,
    ),
    Pattern(
        "town and postcode",
        "address",
        rf"\b({_WORD}(?:[ -]{_WORD}){{0,2}},? (?:[A-Z]{{1,2}}\d[A-Z0-9]? \d[ABD-HJLNP-UW-Z]{{2}}"
        r"|(?:(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT),? )?[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d"
        r"|(?:NSW|VIC|Vic|QLD|Qld|SA|WA|TAS|Tas|NT|ACT) \d{4}|- ?\d{3} ?\d{3}))\b",
        "Drumnadrochit IV63 6TX",
        "town_postal",
        score=0.8,
    ),
    Pattern(
        "postal address number last",
        "address",
        rf"\b({_WORD}(?: (?:{_WORD}|{_SMALL})){{0,4}} {_NUMBER},(?: |\s?\n){_CODE} {_TOWN})",
        "Lindenallee 14, 04109 Leipzig",
        "postal_abroad",
        score=0.8,
    ),
    Pattern(
        "postal address number first",
        "address",
        rf"\b({_NUMBER},? [A-Za-z\xc0-\xff]{_LETTERS}{{1,24}}(?: {_LETTERS}{{1,25}}){{0,4}},?(?: |\s?\n){_CODE} "
        rf"{_TOWN})",
        "12 rue des Lilas, 69003 Lyon",
        "postal_abroad",
        score=0.8,
    ),
    Pattern(
        "crossing",
        "address",
        r"(?:\b(?i:at|near|from|by|behind|outside|off|to|around|of|on|scene|location|corner)|"
        r"\b[a-z]{4,12}|[:(,@])\s(?i:the )?"
        rf"({_SIDE} ?(?:and|AND|&|/|\+|n|at|@) ?{_SIDE})",
        "struck at 5th & Main",
        "crossing",
        score=0.75,
    ),
    Pattern(
        "crossing in small letters",
        "address",
        r"\b(?:at|near|from|behind|outside|off|of|by) (\d{1,3}(?:st|nd|rd|th) (?:and|&|n) [a-z]{4,20}"
        r"|[a-z]{4,20} (?:and|&|n) \d{1,3}(?:st|nd|rd|th))\b",
        "hit at 5th & main",
        "crossing_small",
        score=0.7,
    ),
)
