"""Makes of cars, and whether a word that names somebody too is meant as one: `a 2014 Honda Accord`, not `Mr. Ford`."""

from __future__ import annotations

import re

from .model import lexicon as lx

MAKES = (
    r"acura|audi|bmw|buick|cadillac|chevrolet|chevy|chrysler|citro(?:e|\xeb)n|dacia|dodge|ducati|fiat|ford|freightliner|"
    r"gmc|harley(?:[ -]davidson)?|honda|hyundai|infiniti|isuzu|jaguar|jeep|john deere|kawasaki|kenworth|kia|land rover|"
    r"lexus|mack|mazda|mercedes(?:[ -]benz)?|mini cooper|mitsubishi|nissan|opel|peterbilt|peugeot|pontiac|porsche|"
    r"range rover|renault|saab|skoda|subaru|suzuki|tesla|toyota|vauxhall|volkswagen|volvo|vw|yamaha"
)
_MAKE = re.compile(rf"({MAKES})(?:\s[A-Z][\w-]{{1,11}})?", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?i)\b(?:an?|vs\.?|versus|new|old|used|stolen|parked|(?:19|20)\d\d|'\d\d|red|blue|white|black|gr[ae]y|silver|green|"
    r"tan|brown|gold|yellow|maroon)\s$"
)
_LED = re.compile(  # before a make that is a surname too a colour needs an article, and `vs` what hit or was hit
    r"(?i)(?:\b(?:an?|stolen|parked|(?:19|20)\d\d|'\d\d)|\b(?:an?|the|his|her|their|my|our|(?:19|20)\d\d)\s(?:new|old|used|red|blue|"
    r"white|black|gr[ae]y|silver|green|tan|brown|gold|yellow|maroon)|"
    r"\b(?:ped|pedestrian|auto|car|truck|bike|bicycle|bicyclist|cyclist|motorcycle|mcc|moped|scooter|atv|semi|bus|deer|mvc|mva)\s"
    r"(?:vs\.?|versus))\s$"
)
_TITLE = re.compile(r"(?i)\b(?:mr|mrs|ms|mx|miss|dr|prof|nurse|officer|sister|brother|aunt|uncle|baby)\.?\s$")
_OF_SOMEBODY = re.compile(
    r"(?i)\s(?:patient|pt|notes?|referral|appt|appointment|visit|consult\w*|family|household|boy|girl|baby|chart|labs?|"
    r"results?|case|admission|called|says|said|"
    r"(?:is|was) (?:an?|my|his|her|the) (?:son|daughter|\w+ year))\b|(?-i:,\s[A-Z][a-z])"
)
_OWNED = re.compile(r"(?i)\b(?:his|her|their|my|our|your|the|another|drives|drove|driving)\s$")
_USED = re.compile(
    r"(?i)\s(?:f-?\d50\b|(?:cars?|trucks?|vans?|suvs?|pick-?ups?|sedans?|dealer\w*|tractors?|motorcycles?|motorbikes?|"
    r"mowers?)\b)"
)
_MODEL = re.compile(
    r"(?i)\s(?:[a-z]{1,3}[ -]?\d{1,4}[a-z]{0,3}|\d{3,4}[a-z]{0,2}|\d[a-z]{3,8}|[a-z]{3} \d{3,4}|riding)\b"
)


def is_car(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a make of cars, alone or with a model, that stands where one does.

    A make that many are called by (`Mercedes`) needs more than an owner before it or figures behind.
    """
    found = _MAKE.fullmatch(text, start, end)
    if found is None:
        return False
    before = max(0, start - 24)
    if _TITLE.search(text, before, start) or _OF_SOMEBODY.match(text, end):
        return False
    flags = lx.load().flags(found[1].casefold())
    named = flags & (lx.GIVEN | lx.SURNAME_COMMON)
    if (_LED if named else _BEFORE).search(text, before, start) or _USED.match(text, found.end(1)):
        return True
    if named:
        return False
    return _OWNED.search(text, before, start) is not None or _MODEL.match(text, found.end(1)) is not None
