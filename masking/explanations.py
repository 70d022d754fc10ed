"""What explains a number in clinical prose: a table to read. What nothing here explains is taken for an identifier.

A row explains when every part that it has agrees (masking.explained judges). `CODES` is for what could be a record
number (letters and digits mixed, or five digits and more), `FRACTIONS` for what could be a month and a day (`2/6`).
"""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """One row: what it is; the shape of the whole token; what stands before; what follows. An empty part agrees."""

    what: str
    value: str = ""
    before: str = ""
    after: str = ""


_UNIT = (
    r"(?:[mkucnp\u00b5]?g|m?cg|mc?l|d?l|cc|kg|lbs?|oz|mm|cm|ft|m|in|inch(?:es)?|iu|units?|u|m?eq|mmol|mosm|"
    r"k?cal|kcals?|"
    r"mmhg|cmh2o|torr|psi|k?hz|k?v|mv|ma|watts?|w|j|gy|cgy|msv|mci|rpm|bpm|lpm|fr|ga|gauge|g|ch|ste|steps?|hrs?|h|"
    r"min(?:utes?)?|s|secs?|ms|d|days?|wks?|weeks?|mos?|months?|yrs?|years?|y|x|k|%|percent|cells?|copies|cfu|colonies|"
    r"tabs?|tablets?|caps?|puffs?|doses?|drops?|gtts?|mph|pages?|patients?|people|points?|lux|degrees?|deg|f|c|bytes?|"
    r"rows?|seconds?|calories|liters?|litres?|mils?|dollars?|usd)"
)
_APART = (
    r"(?:units?|iu|m?eq|mcg|mg|ml|cells?|copies|cfu|colonies|steps?|lux|hz|khz|mhz|degrees?|calories|k?cal|"
    r"patients|people|"
    r"rows?|bytes|ms|seconds?|minutes?|hours?|points?|pages?|feet|ft|miles|cgy|gy|dollars|percent|k/ul|"
    r"thousand|rpm|bpm)"
)
_LAB = (
    r"wbc|rbc|hgb|hb|hct|plt|plts|platelets?|neut\w*|anc|alc|ferritin|ck|cpk|bnp|nt-?pro-?bnp|trop\w*|"
    r"viral load|vl|ldh|"
    r"hcg|lipase|amylase|ast|alt|alp|ggt|d-?dimer|afp|cea|psa|tg|triglycerides|b-?12|vit\w*|crp|esr|"
    r"procalcitonin|pct|"
    r"cd4|ige|titer|titre|count|uop|net|total|ebl|glucose|bg|fsbg|creatinine|cr|na|k|cl|bun|osm\w*|ammonia|"
    r"lactate|tsh|"
    r"heparin|bicillin|penicillin|pen g|epogen|procrit|retacrit|aranesp|vit(?:amin)? [a-e]|bacitracin|nystatin|"
    r"creon|zenpep"
)
_LINK = r"\W{0,3}(?:of|was|is|at|now|up|to|from|around|about|>|<|=|:)?\W{0,3}$"
_CODED = (
    r"cpt|hcpcs|cdt|icd\S{0,8}|drg|ms-drg|apc|loinc|snomed(?: ct)?|rxnorm|rxcui|cui|ndc|cvx|mvx|omim|orpha|"
    r"clinvar|nct|pmid|doi|"
    r"concept(?:[ _]id)?|j-?codes?|g-?codes?|billing|billed|e/?m|procedures?|modifiers?|dx|nm_?|np_?|rs|chebi|"
    r"unii|gtin|upc"
)

_PROCEDURE = r"(?:\d{5}|[A-V]\d{4})(?:-(?:\d\d|[A-Z]{2}|[TFE]\d))?"
_LISTED = r"(?:\s?x\s?\d{1,2}| no)?(?:,\s?|/|;\s|\s?&\s?|\sand\s)"
_HELD = (  # what is somebody's: a list behind it is no list of procedures
    r"mrns?|nos?|numbers?|num|ids?|acc(?:oun)?ts?|charts?|records?|cases?|claims?|orders?|specimens?|samples?|badges?|units?|"
    r"accessions?|tickets?|zips?|rooms?|badge|policy|policies|files?|refs?|members?|visits?|encounters?|csn|fin|har|lots?|"
    r"serials?|pins?|codes|invoices?|receipts?|tags?|incidents?|reports?|parcels?|forms?|studies|study|subjects?|donors?|"
    r"patients?|pts?|residents?|clients?|persons?|students?|employees?|inmates?|users?|dial|call|ext|extensions?|pagers?|"
    r"lockers?|beds?|bays?|keys?|tel|fax|phones?|box"
)

_NOT_HELD = rf"(?:^|(?<!\w)(?!(?:{_HELD})\b)[a-z]{{2,12}}\s|[.;:(\])]\s?)"

_WEIGHED = r"weight|wt|bw|bwt|sqh|subq|lovenox|enoxaparin"

CODES: tuple[Explanation, ...] = (
    Explanation("a measure", rf"\d{{1,5}}(?:[.,]\d+)?(?:[-x/]\d{{1,5}}(?:[.,]\d+)?)*{_UNIT}(?:/{_UNIT}){{0,3}}\d?"),
    Explanation("a measure, its unit apart", r"\d{1,7}|\d+-\d+", "", rf"\s?(?:{_APART}\b|/[a-zA-Z]{{1,3}}\b|%)"),
    Explanation("a large laboratory value", r"\d{5,6}", rf"\b(?:{_LAB}){_LINK}"),
    Explanation("a weight, a dose", r"\d{3,5}", rf"\b(?:{_WEIGHED}){_LINK}"),
    Explanation(
        "the next weight", r"\d{3,4}", r"\b(?:weight|wt|bw)\W{1,3}\d{3,4}\s?g?,\s(?:today|now|then|yesterday)\s$"
    ),
    Explanation("two ranges of a pressure", r"\d{2,3}-\d{2,3}/\d{2,3}-\d{2,3}"),
    Explanation(
        "amounts of one thing, side by side",
        r"\d{1,4}(?:/\d{1,4}){1,4}",
        rf"(?:^|(?<!\w)(?!(?:{_HELD})\b)[a-z/]{{2,12}}\s)$",
    ),
    Explanation("an amount", r"\d+", r"[$<>=~+\u2264\u2265\u2191\u2193]\s?$"),
    Explanation("an ICD-10 code", r"[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}"),
    Explanation(
        "a code of a code system",
        r"[A-Z0-9.-]{3,20}",
        (
            rf"\b(?:{_CODED})\b\W{{0,3}}(?:codes?\W{{1,2}})?(?:[A-Z]?-?\d[\w.-]{{1,11}}(?:\s?x\s?\d)?(?:[,;/&\s]{{1,3}}|"
            rf", and |\sand\s)){{0,8}}$"
        ),
    ),
    Explanation("a procedure that is counted", r"\d{5}|[A-V]\d{4}", "", r"(?:-\d\d)?\s?x\s?\d"),
    Explanation("a visit's code", r"99[234]\d\d(?:-\d\d)?|9[67]\d{3}-\d\d"),
    Explanation("a procedure in brackets", r"\d{5}(?:-\d\d)?|[A-V]\d{4}", r"[a-z0-9%)] ?\((?:\d{5}, )*$", r"[),]"),
    Explanation(
        "one of a list of procedures",
        _PROCEDURE,
        rf"{_NOT_HELD}{_PROCEDURE}(?:{_LISTED}{_PROCEDURE}){{0,11}}{_LISTED}$",
    ),
    Explanation(
        "the first of a list of procedures",
        _PROCEDURE,
        rf"{_NOT_HELD}$",
        rf"{_LISTED}{_PROCEDURE}(?!\w|-\d)",
    ),
    Explanation("two procedures", rf"{_PROCEDURE}/{_PROCEDURE}", rf"(?:{_NOT_HELD}|,\s?)$"),
    Explanation("a remedy's procedure", r"[jq]\d{4}", rf"(?<!\w)(?!(?:{_HELD})\b)[a-z]{{2,14}}\s$"),
    Explanation("a drug's package", r"\d{4,5}-\d{3,4}-\d{1,2}", r"\bndcs?\b[^\n]{0,60}$"),
    Explanation("a procedure of a finger, a toe, an eyelid", r"\d{5}-(?:[TFE]\d|[TF]A)"),
    Explanation("an assessment's item", r"GG\d{4}[A-Z]?\d?"),
    Explanation("a pharmacy payer's routing number", r"\d{6}", r"\b(?:rx ?)?bin\b\W{0,3}(?:(?:no|number)\b\W{0,3})?$"),
    Explanation("a rule of what a payer covers", r"[LA]\d{5}", r"\b(?:[ln]cds?|article)\b[^.;\n]{0,40}$"),
    Explanation("a provider's taxonomy", r"[1-4]\d\d[0-9A-Z]{2}\d{4}X"),
    Explanation("a procedure and its version", r"[A-V]\d{4}V\d\d", r"(?<!\bid)(?<!\bid:)(?<!mber)(?<!mber:)(?<!#)\s$"),
    Explanation(
        "a procedure with what modifies it",
        r"\d{5}-(?:2[2-7]|5\d|7[6-9]|RT|LT|TC|95|GT)",
        "",
        r"[^.;\n]{0,60}\bbilled\b",
    ),
    Explanation("an edition", r"[A-Z]{3,6}-(?:19|20)\d\d"),
    Explanation(
        "a model of an implant",
        r"\d{4}-\d{2}",
        r"\b(?:leads?|model|electrodes?|generator|pacemaker|icd|crt-?[dp]?|stem|cup|liner|head|tray|insert|plate|nail|"
        r"valve|graft|mesh|stent|catheter|implant|medtronic|abbott|biotronik|boston scientific|st\.? jude|stryker|"
        r"zimmer|depuy|arthrex|cook|gore)\b(?!.*\b(?:serial|s/?n|lot)\b)[^.;\n]{0,40}$|\b(?:ra|rv|lv)\s$",
    ),
    Explanation(
        "gestation, parity",
        r"G\d{1,2}P\d{1,4}(?:(?:A|L|AB|TAB|SAB)\d){0,3}|\d{1,2}w\d?d?|[cy]?p?T\w{1,3}N\w{1,2}(?:M\w)?",
    ),
    Explanation("parity after it changed", r"P\d{4}", r"\bG\d{1,2}(?:P\d{1,5})?\W{1,5}$"),
    Explanation(
        "a model of a scope, a filter, a kit",
        r"[A-Z]{1,4}-?\d{2,3}[A-Z]{0,4}",
        r"\b(?:\w*scopes?|dialy[sz]er|filter|olympus|pentax|fujinon|fresenius|optiflux|revaclear|elisio|kit|rx|probe)"
        r"\W{1,3}(?:\w+\s)?$",
    ),
    Explanation("a size", r"\d{1,3}-(?:ch|fr|ga|mm|cm|mg|ml|hr|wk|mo|yr)"),
    Explanation("joint angles, a probing, a grading", r"0-\d{1,2}-\d{1,3}|\d(?:-\d){2,5}|(?:[A-Z]\d){2,6}"),
    Explanation("a setting", r"\d{2,4}x\d{1,4}(?:x\d{1,3})?|[A-Z]{1,2}\d{1,2}00"),
    Explanation("a protein's change", r"[A-Z]\d{1,4}[A-Z*]", rf"(?<!\w)(?!(?:{_HELD})\b)[A-Z][A-Z0-9]{{2,9}}\s$"),
    Explanation("a protein's change, spelt", r"(?:p\.\(?)?[A-Z][a-z]{2}\d{1,5}(?:[A-Z][a-z]{2}|\*)"),
    Explanation("a test's own number", r"[a-z]{2,5}\d{1,2}-\d{2}"),
    Explanation("a measure per another", r"\d{1,4}-\d{1,4}/[a-z]{1,4}"),
    Explanation("decimals", r"\d{1,3}\.\d{1,3}(?:-\d{1,3}\.\d{1,3})?"),
    Explanation("a vertebra, a nerve, a tooth", r"[CTLS]\d{1,2}(?:[-/][CTLS]?\d{1,2}){1,3}"),
    Explanation(
        "a time of day",
        r"(?:[01]?\d|2[0-4])(?::?[0-5]\d)?[ap]m?(?:-(?:[01]?\d|2[0-4])(?::?[0-5]\d)?[ap]m?)?|\d{4}h(?:rs?)?",
    ),
    Explanation("a span of times", r"(?:[01]\d|2[0-4])[0-5]\d-(?:[01]\d|2[0-4])[0-5]\d"),
    Explanation("a span of years", r"(?:19|20)\d\d-(?:(?:19|20)?\d\d|present)"),
    Explanation("a frequency", r"q\d{1,2}(?:-\d{1,2})?(?:h|hrs?|d|min|wks?|mos?|months?)?|x\d{1,2}[a-z]{0,6}"),
    Explanation(
        "a variant", r"[cgpmnr]\.\S+|\d+(?:del|ins|dup)\w*|rs\d+|(?:nm|np|nc)_\S+|chr\S+|del\S+|\d{1,2}[pq]\d+\S*"
    ),
    Explanation(
        "a marker",
        r"(?:hla|cd|il|ifn|tgf|ki|d2|cyp|pd|anti|ca|sars|covid|h\d+n|hpv|hsv|hhv|vitamin|ctla|cam|rass)-?\d\S*",
    ),
    Explanation(
        "an article's or form's number",
        r"(?:cms|hcfa|ub|dd|va|ssa|fda|omb|iso|iec|rfc|ansi|astm|usp|npfs|ls|en)-?\d\S*",
    ),
    Explanation("a public register's", r"(?:nct|pmid|doi|pmc|isrctn|eudract|nda|anda|bla)\S+"),
    Explanation(
        "a number of a machine",
        r"[a-z0-9.]{1,12}",
        r"\b(?:port|pid|process|transaction|errno|exit|line|version|build|commit|sha|rows?)\s$",
        r"",
    ),
)

_BODY = (
    r"biceps|triceps|deltoids?|quads?|hamstrings?|ehl|fhl|ta|gs|grip|intrinsics|ips?|hip|knee|ankle|wrist|"
    r"elbow|shoulder|"
    r"supraspinatus|infraspinatus|subscap\w*|flex\w*|ext\w*|dorsiflex\w*|plantarflex\w*|abduct\w*|adduct\w*|"
    r"gastroc\w*|rue|lue|"
    r"rle|lle|ues?|les?|arms?|legs?|hands?|feet|foot|bilat\w*|b/l|throughout|all|dp|pt|radial|femoral|pedal|"
    r"popliteal|distal|"
    r"patellar?|achilles|brachioradialis|dtrs?|iliopsoas|psoas|pinch"
)
_SCORE = (
    r"scores?|scale|scored|scoring|index|gcs|gds|cdr|faq|sage|bims|mds|updrs|hdrs|madrs|bdi|hama|y-?bocs|isi|"
    r"psqi|fss|mfis|edss|dgi|fga|cfs|rcri|pesi|das|cdai|mmse|moca|slums|bims|phq\S*|gad\S*|tinetti|berg|"
    r"strength|motor|power|pain|ishihara|hrr|color plates|plates|stereo|esterman|bells|nugent|amsel|schirmer|"
    r"apgars?|epds|nihss|mrs|ecog|kps|pps|borg|fast|sofa|nrs|vas|flacc|cpot|rass|cam\S*|bnt|boston|trails?|"
    r"clock|spell\w*|"
    r"recalls?|recalled|registration|orientation|oriented|world|serial\S*|naming|repetition|words?|objects?|"
    r"items?|criteria|"
    r"braden|morse|aldrete|steward|ranson|bishop|mayo|hamd?|ham-[da]|ymrs|adas|fim|barthel|katz|i?adls?|"
    r"audit\S*|dast\S*|cage|"
    r"stop-?bang|epworth|ess|curb\S*|wells|perc|murray|lille|meld|allred|nottingham|gleason|total|subtotal|"
    r"oswestry|odi|ndi|"
    r"thermometer|auc|dash|koos|womac|lefs|psfs|latch|cows|ciwa\S*|cssrs|pcl\S*|hits|must|mna|norton|tug|sppb|frail\S*|act|cat|"
    r"mmrc|bode|"
    r"abcd2|cha2?ds2?(?:-?vasc)?|has-?bled|timi(?: flow)?|q?sofa|sirs|psi|mews|pews|news2|mini-?cog|amts|4at|6cit|"
    r"hads|c-ssrs|sarc-?f|nprs|painad|wong-?baker|rpe|mmt|mrc|goat|rlas|crs-?r|iddsi|fois|doss|basdai|basfi|hoos|"
    r"q(?:uick)?-?dash|stai|ces-?d|kdigo|pram|rdai|hatlff|snot|mmas(?:-?[48])?|tardieu|beighton|lysholm|n-?pass|"
    r"lanss|dn4|asrs|mdq|crafft|prapare|h&y|wpai|kccq|nyha|pedis|ceap|vcss|haq|tjc|sjc|scoff|esas|m-?chat(?:-r)?|"
    r"asq(?:-?3)?|iief|ipss|aua|dlqi|vhi|start back|m?joa|cgi(?:-[si])?|(?:bi|ti|pi|li|lung|o)-?rads|cormack|"
    r"mallampati|wetflag|van herick|logmar|snellen|pinhole|[rl]va|vision|acuity|dbq|therm|"
    r"[a-z]{2,6}-?\d{0,2}\s(?:score|total)"
)
_COUNT = (
    r"nodes?|lns?\b|lymph|cores?|bottles?|sets?|tabs?\b|tablets?|caps?\b|inch|mile|cups?|pack|ppd|tsp|"
    r"in\b(?! (?:my |our |the |his |her )?(?:clinic|office|ed\b|er\b|ir\b|icu\b|hospital|urgent|consult|person\b|"
    r"follow|pre-?op|surgery|radiology|endoscopy|dialysis|rehab|\w+ology\b|\w+ics\b))|"
    r"tbsp|weeks?|wks?|"
    r"days?|d\b|nights?|doses?|sessions?|visits?|points?|teeth|correct|on (?:the )?(?:right|left|r\b|l\b)|words?|"
    r"objects?|items?|questions?|criteria|attempts?|"
    r"trials?|fields?|blocks?|chambers?|vessels?|positive|pos\b|negative|neg\b|steps?|of\b|strength|murmur|motor|sem\b|"
    r"systolic|diastolic|holosystolic|crescendo|pain|pulses|reflex\w*|throughout|bilat\w*|b/l|effort|"
    r"monofilament|scale|"
    r"would|(?:in|to) (?:all|both|the|his|her|bue|ble)|hours?|h\b|hrs?\b|ns\b|min\w*|mo\b|months?|yrs?\b|mg|ml|"
    r"mcg|g\b|kg|"
    r"units?|u\b|cm|mm|full|normal|intact|symmetric|equal|quads|hip|knee|grip|r\b|l\b|right|left|upper|lower|"
    r"ue\b|le\b|patients|"
    r"samples|specimens|swabs|slides|sisters|brothers|siblings|children|tones|finger|at\b.{0,12}\btoes|way|"
    r"life|normal|strong|"
    r"weak|air leak|rings|patent|liters?|litres?|acuity|near|vision|line\b|for\b.{0,20}(?:recall|pain)"
)

_OUT_OF = "|".join(f"{part}/{whole}" for whole in range(1, 13) for part in range(whole + 1))  # `4/9`, not `9/4`
NAMED = ("a score or strength",)  # rows that need nothing but what stands before

FRACTIONS: tuple[Explanation, ...] = (
    Explanation("days of a week of gestation", r"[0-6]/7", r"(?<![\d/.])(?:[5-9]|[1-3]\d|4[0-4])\s$"),
    Explanation("day and night", r"24/7"),
    Explanation("nodes", "", r"\bp?n[0-3][a-c]?(?:\(sn\))?\s?[(,:]\s?$"),
    Explanation(
        "cores, nodes of a whole",
        "",
        (
            r"\b(?:gleason|grade group|cores?|bx|biops\w+|nodes?|sentinel|slns?|lymph)\b[^\n;]{0,40}"
            r"(?:\b(?:in|of|pos\w*|neg\w*)\s|\()$"
        ),
    ),
    Explanation("a bound", "", r"(?:[<>]=?|[\u2264\u2265])\s?$"),
    Explanation(
        "a score or strength",
        "",
        (
            rf"\b(?:{_SCORE})['\"\s:=(-]{{0,3}}(?:is|was|of|at|a|now|to|score[ds]?|only|about|intact|[rl]|right|"
            rf"left)?[\s:=(-]{{0,2}}$"
        ),
    ),
    Explanation(
        "a limb's strength, a reflex, a pulse",
        r"\d/[2-6]",
        rf"\b(?:{_BODY})['\"\s:=(-]{{0,3}}(?:is|was|of|at|[rl]|right|left)?[\s:=(-]{{0,2}}$",
    ),
    Explanation(
        "taught, and shown again",
        r"1/1|2/2|3/3|4/4|5/5",
        r"\b(?:taught|teach\w*|return(?:ed)?|dem)[ -]?(?:back|demo\w*)(?: done)?[,:]?\s$",
    ),
    Explanation(
        "a task of several",
        _OUT_OF,
        r"\b(?:modules?|questionnaires?|goals|tasks?|lessons)\s$",
        r"\s(?:complete|met|done|passed)\b",
    ),
    Explanation(
        "groups that were held", _OUT_OF, r"\b(?:attend\w*|went to|came to|joined|made|in|for|to|of)\s$", r"\sgroups\b"
    ),
    Explanation("a count of a whole", "", "", rf"\s?-?(?:{_COUNT})"),
    Explanation(
        "the next of several scores",
        r"\d{1,2}/(?:10|5)",
        r"\d/(?:10|5)\b.{0,12}(?:,|and|\s?->|\s?\u2192|\bto|;)\s(?:[RL]\s|[a-z]{1,12}\s)?$",
    ),
    Explanation(
        "a pain's rating",
        r"\d{1,2}/10",
        (
            r"\b(?:pain|ache\w*|aching|sore\w*|hurts?|hurting|discomfort|ha|headache|cramp\w*|severity|sharp|dull|"
            r"burning|throbbing)\b[^.;\n]{0,40}$"
        ),
    ),
    Explanation("inside a longer number, the sum of others", "", r"[\w.,/+:\u2192-]$|\d\s?=\s?$"),
    Explanation("inside a longer number ", "", "", r"[/.\d:-]\d|[a-z%+*]|-[a-zA-Z]|-(?:\s|$)"),
    Explanation(
        "a grade",
        "",
        (
            r"(?<!next )(?<!last )(?<!prior )(?<!repeat )"
            r"\b(?:grade|gr|stage|class|type|murmur|sem|hsm|level|step|day|dose|cycle|wk|weeks?|session|retry|attempt|try|"
            r"phase|line|page|part|no|chapter|bed|room|rm|apt|unit|hand|size|needle|gauge|suture|blade|curette|gracey|"
            r"columbia|elevator|forceps|file|bur)\.?\s?#?\s?$"
        ),
    ),
    Explanation(
        "a visit of several",
        r"\d{1,2}/(?:6|8|1[024568]|2[04]|30)",
        r"(?<!next )(?<!last )(?<!prior )(?<!repeat )(?<!recent )(?<!this )\b(?:visit|session|fraction|dive)\s?#?\s?$",
    ),
    Explanation(
        "an eye",
        "",
        (
            r"\b(?:va|vision|acuity|jaeger|o[dsu]|iop|goldmann|tonopen|applanation|ta|cd|c/d|cup)\s?(?:is|was|of|cc|"
            r"sc|ratio|:|=)?\s?$"
        ),
    ),
    Explanation(
        "a share",
        "",
        (
            r"\b(?:about|only|ate|took|drank|finished|eaten|smok\w+|approximately|approx|roughly|nearly|almost|over|"
            r"less than|more than|another|lower|upper|distal|proximal|mid|middle|medial|lateral|first|other|the|"
            r"rate[ds]?|rating|out of|sensation|vibration|monofilament(?: intact)?|semmes(?:-weinstein)?|intensity|i:e|"
            r"ie|ratio|p/f|kt/v|prone|vent|fev1|sets?|bottles?|cultures? (?:pos\w*|grew|grow\w*|now)|(?:bcx|"
            r"cx) (?:pos\w*|grew|grow\w*)|gravida|para|tof|train of four|sbt|bpp|biophysical|nst|sve|ce|cvx|cervix|"
            r"diastasis|swelling|edema|pitting|air entry|cap(?:illary)? refill|fontanelle|wheeze|"
            r"tonsils|mallampati|wifi|clonus)\s?(?:is|was|of|at|:|=)?\s?$"
        ),
    ),
    Explanation(
        "a strength of two drugs",
        "",
        (
            r"\b(?:suboxone|zubsolv|bunavail|buprenorphine(?:[/-]naloxone)?|lotrel|amlodipine[/-]\w+|caduet|vytorin|"
            r"ezetimibe[/-]\w+|liptruzet|roszet|azor|glyxambi|nexlizet|entresto|exforge|twynsta|prestalia|norco|"
            r"percocet|vicodin|lortab|xartemis|consensi|duetact|actoplus\w*|oseni|kazano|jentadueto|advair|breo|"
            r"trelegy|anoro|stiolto|symbicort|dulera|airduo|wixela)\s(?:\w+\s)?$"
        ),
    ),
    Explanation(
        "a pressure", "", r"\b(?:bp|b/p|pap?|rv|lv|ao|ipap/epap|bipap|bilevel|niv)\s?(?:of|was|is|:|=|at)?\s?$"
    ),
)
