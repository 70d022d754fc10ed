"""Streets, towns with a state, postal codes and the houses a person can be found by."""

from __future__ import annotations

from .pattern import REST, SEP, Pattern

_STREET = (
    r"(?:street|str?|avenue|ave?|boulevard|blvd|road|rd|drive|dr|lane|ln|court|ct|circle|cir|place|pl|terrace|terr?|"
    r"way|parkway|pkwy|highway|hwy|route|rte|trail|trl|square|sq|plaza|plz|alley|aly|crescent|cres|close|grove|loop|"
    r"path|pike|turnpike|tpke|row|run|walk|mews|gardens|gdns|heights|hts|crossing|xing|expressway|expy|freeway|fwy|"
    r"point|pt|ridge|rdg|valley|vly|view|vw|bend|cove|creek|hill|hollow|island|junction|landing|manor|meadows?|"
    r"mount|oaks?|park|pass|pines?|shore|spring|springs|station|summit|village|vista|woods?|esplanade|quay|wharf|wynd|brae|vennel|causeway|croft)"
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

PLACES: tuple[Pattern, ...] = (
    Pattern(
        "street",
        "address",
        r"(?i)\b\d{1,6}[A-Z]?(?:-\d{1,5})?,?\s+(?:(?:[NSEW]\.?|[NS]\.?[EW]\.?|north|south|east|"
        r"west|n(?:orth)?(?:east|west)|s(?:outh)?(?:east|"
        r"west))\s+)?(?:[A-Z0-9][A-Z0-9'.-]*\s+){1,4}?"
        + _STREET
        + r"\b\.?(?:\s+(?:[NSEW]|[NS][EW])\b)?"
        + _UNIT
        + r"{0,2}(?:[,\n]{1,2}\s*[A-Z][A-Za-z'. -]{0,29}[A-Za-z.]){0,2}(?:[,\n ]{1,3}\s*"
        + _STATE
        + r")?(?:\.?,?\s+\d{5}(?:-\d{4})?\b)?",
        "235 North Pearl Street, Apt 4, Brockton, MA 02301",
        "street",
        score=0.85,
    ),
    Pattern(
        "unit",
        "address",
        r"\b(?i:apt|apartment|suite|ste)(?:\.?\s+#?\s?|\.?\s?#\s?|\.)(?:\d{1,5}[A-Za-z]?|[A-Z]\d{0,4})\b"
        r"|\b(?i:flat|apt|suite)\.?\s?#?\s?\d{1,5}[A-Za-z]?\b",
        "Apt. 864",
        "unit",
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
        "street_abroad",
        score=0.75,
    ),
    Pattern(
        "po box",
        "address",
        r"(?i)\bP\.?\s?O\.?\s?Box\s+#?\d{1,8}(?:,\s*[A-Z][A-Za-z'. -]{0,29}[A-Za-z.]){0,2}(?:,?\s+"
        + _STATE
        + r")?(?:\.?,?\s+\d{5}(?:-\d{4})?\b)?|\b(?:RR|"
        r"rural route)\s?#?\s?\d{1,3},?\s+box\s+\d{1,5}\b",
        "P.O. Box 1187",
        "address_tail",
        score=0.9,
    ),
    Pattern(
        "military post",
        "address",
        r"\b(?i:(?:PSC|Unit|CMR|APO|FPO|DPO)\s\d{1,5},?\s+Box\s\d{1,5}|US(?:S|NS|NV|CGC)\s[A-Z][A-Za-z'-]{2,20})?"
        r"[,\s]{0,3}(?i:APO|FPO|DPO),?\s(?i:AA|AE|AP),?\s\d{5}(?:-\d{4})?\b",
        "PSC 4095, Box 8316\nAPO AE 85103",
        score=0.9,
    ),
    Pattern(
        "street foreign",
        "address",
        r"(?:\b\d{1,6}[A-Z]?,?\s)?\b(?:"
        r"(?i:rua|rue|via|viale|calle|c/|avenida|avda\.?|av\.|carrera|camino|paseo|plaza|piazza|pra\xe7a|praca|strada|"
        r"ul\.|ulica|(?-i:[Aa]l\.)|boulevard|bd\.|bul\.|ulitsa|n[a\xe1]m\.|rruga|prospekt|sokak|cadde(?:si)?|chemin|impasse|quai|jalan|jln\.?)\s"
        r"(?:[A-Z][A-Za-z\xc0-\xff'.-]{0,24}\s?|(?:de|del|della|delle|dei|da|das|do|dos|du|des|la|las|le|les|los|el|di)\s){1,5}"
        r"|[A-Z][A-Za-z\xc0-\xff'-]{1,24}(?:stra(?:ss|\xdf|s)e|str\.|gasse|weg|platz|allee|straat|laan|gracht|plein|"
        r"gatan|gata|v[\xe4a]gen|vej|veien|vegen|gade|katu|tie|kuja|polku|br\xfasut|braut)\s"
        r"|[A-Z][A-Za-z\xc0-\xff'-]{1,24}(?:\s[A-Z][A-Za-z\xc0-\xff'-]{1,24})?\s(?:u\.|utca|\xfat|\xfatja|t\xe9r|tere|k\xf6r\xfat|"
        r"gatan|v\xe4gen|stra\xdfe|strasse|gate|vei)\s"
        r"),?[ ]?\d{1,5}[A-Za-z]?\b\.?",
        "772 ul. Narewska 94",
        "street_foreign",
        score=0.8,
    ),
    Pattern(
        "street of numbers",
        "address",
        r"\b(?i:calle|carrera|cra\.?|cll?\.?|avenida|transversal|diagonal|av\.?) "
        r"\d{1,3}[A-Za-z]?(?: (?i:bis|sur|norte))?"
        r" ?(?:#|[Nn]o\.?|N\xb0) ?\d{1,3}[A-Za-z]? ?- ?\d{1,3}\b(?:, [A-Z\xc0-\xde][a-z\xdf-\xff]{2,20})?",
        "Calle 45 # 12-30, Bogota",
        score=0.85,
    ),
    Pattern(
        "corner",
        "address",
        r"(?i:\b(?:corner|intersection) of )"
        r"((?:\d{1,4}(?:st|nd|rd|th)|[A-Z0-9][A-Za-z0-9'.-]*)(?: [A-Z0-9][A-Za-z0-9'.-]*){0,3}"
        r" (?:and|&) (?:\d{1,4}(?:st|nd|rd|th)|[A-Z0-9][A-Za-z0-9'.-]*)(?: (?:[A-Z][A-Za-z'.-]*|\d{1,5})){0,3})"
        r"|\b((?i:route|rte\.?|highway|hwy\.?) \d{1,4} (?i:and|&|at) [A-Z][A-Za-z'-]{2,20}"
        r"(?: (?i:st|ave|rd|dr|street|avenue|road)\b)?)",
        "the corner of 5th and Main",
        score=0.75,
    ),
    Pattern(
        "saint",
        "address",
        r"\b(?:St\.?|Saint|SAINT|ST\.?) (?:[A-Z][a-z]{2,12}(?:'s|s')|[A-Z]{3,12}'S)"
        r"(?: (?:Hospital|Medical Center|ED|ER))?\b"
        r"|\b(?:st\.|saint) [a-z]{4,12}'s\b"
        r"|\b(?:Ascension|Providence|CHI|SSM|HSHS|Dignity|Mercy|Trinity|Bon Secours|Christus|OSF|Advocate) "
        r"(?:St\.?|Saint) [A-Z][a-z]{2,12}\b",
        "St. Mary's",
        "saint",
        score=0.7,
    ),
    Pattern(
        "town in small letters",
        "address",
        r"\b(?:in|at|from|near|to|outside|of|leaving|visiting) "
        r"((?:port|fort|ft\.|mount|mt\.|lake|cape|camp|san|santa) [a-z]{4,14})\b",
        "her surgeon in port halvard",
        "small_town",
        score=0.7,
    ),
    Pattern(
        "veterans",
        "address",
        r"\b((?:VA|VAMC) (?:[A-Z][a-z]{2,14}(?: [A-Z][a-z]{2,14})?))\b",
        "VA Puget Sound",
        "veterans",
        score=0.7,
    ),
    Pattern(
        "institution",
        "address",
        r"(?i)\b(?:mass(?:achusetts)? general(?: hospital)?|mayo clinic|cleveland clinic|"
        r"johns hopkins(?: hospital)?|"
        r"cedars[- ]sinai|mount sinai|mt\.? sinai|beth israel(?: deaconess)?|brigham (?:and|&) women'?s|"
        r"boston children'?s|"
        r"md anderson|(?:memorial )?sloan[- ]kettering|dana[- ]farber|nyu langone|new ?york[- ]presbyterian|"
        r"barnes[- ]jewish|(?:yale|stanford|duke|emory|vanderbilt|rush|tufts|loyola|baylor)"
        r"(?:[- ](?:new haven|health(?:care)?|hospital|medical center|university hospital|university medical center))|"
        r"kaiser permanente (?:[a-z]{4,12} )?(?:hospital|medical center|clinic)|"
        r"walter reed|bellevue hospital|parkland hospital|grady memorial|ucsf|ucla health|msk(?:cc)|bidmc|ohsu|upmc|"
        r"sacred heart (?:hospital|medical center)|henry ford (?:hospital|health)|geisinger|montefiore|"
        r"memorial hermann|houston methodist|methodist (?:dallas|richardson|mansfield|charlton)|"
        r"baylor scott (?:&|and) white|"
        r"providence (?:portland|st\.? [a-z]{4,10})|sharp memorial|scripps mercy|intermountain medical center|"
        r"ochsner (?:medical center|baptist)|tampa general|jackson memorial|lenox hill|"
        r"christiana care|banner (?:desert|gateway|thunderbird)|sanford fargo|spectrum butterworth|"
        r"advocate (?:christ|lutheran general|trinity)|atrium (?:main|cabarrus|pineville))\b",
        "Mass General",
        score=0.75,
    ),
    Pattern(
        "town known",
        "address",
        r"\b(?i:in|from|to|near|at|of|outside|visiting|leaving|for)\s([A-Za-z]{2,14}\.?[ -][A-Za-z]{2,14})\b",
        "Cousins in Las Cruces",
        "known_town",
        score=0.7,
    ),
    Pattern(
        "town authority",
        "address",
        r"\b((?:[A-Z][A-Za-z'.-]{1,20} ){1,2})(?:Board of Health|Health Department|Department of Health|Police|"
        r"Fire Department|School District|Public Schools|Sheriff|Housing Authority)",
        "Reported to Moose Jaw Board of Health",
        "authority",
        score=0.7,
    ),
    Pattern(
        "city state zip",
        "address",
        r"\b(?:(?:[A-Z][A-Za-z'.-]{1,24})\s){0,2}[A-Z][A-Za-z'.-]{1,24},?\s+" + _STATE + r"\.?,?\s+\d{5}(?:-\d{4})?\b",
        "Brockton, MA 02301",
        "town_code",
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
        + SEP
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
        r"site)(?:[ _]name)?\s{0,2}[:=]\s{0,3}" + REST,
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
        r"Senior Living|Funeral (?:Home|Service|Chapel)|Mortuary|Crematorium|Chapel|"
        r"Family Practice|Pediatrics|Pharmacy|Sanatorium|Memorial|Regional|"
        r"(?:Oncology|Surgical|Cardiology|Orthop(?:a)?edics?|Pediatric|Dental|Eye|Heart|Kidney|Women's|Medical|Urology|"
        r"Radiology|Dermatology|Family|Vein|Pain|Spine|Veterinary|Behavioral) "
        r"(?:Associates|Group|Partners|Specialists|Clinic|Practice|Consultants|Health))))\b",
        "Cedar Ridge Medical Center",
        "facility",
        score=0.75,
    ),
)
