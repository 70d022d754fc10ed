"""Telephones, faxes, e-mail, web and network addresses."""

from __future__ import annotations

from .pattern import LINK, SEP, Pattern

_PHONE_VALUE = r"(\+?\(?\d[\d ().\-/]{5,20}\d(?:\s*(?:x|ext\.?|extension)\s*\d{1,6})?)"

_DUTY = r"(?:\s(?:for|on|tonight|today|tomorrow|overnight|call|nights?|days?|weekends?|the|this)){0,3}"
_SAID = rf"(?:'s)?{_DUTY}(?:\s(?:is|was|will be|are|now|still|changed to|numbers?|no\.?|#)){{1,3}}\s#?"
_HANDSET = r"ext\.?|extn\.?|extension|pager|beeper|bleep|bpr|pgr|vm|vocera|voalte|ascom|dect|spectra\s?link"
_LINE = r"phone|telephone|tel|cell|mobile|fax|landline|hotline|helpline|callback|voicemail|direct line|desk"

CONTACT: tuple[Pattern, ...] = (
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
        "phone_national",
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
        r"extension|ext|voicemail)" + SEP + _PHONE_VALUE,
        "tel: 555-0142",
        "phone_label",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "phone misread",
        "phone",
        r"\(?\b[2-9lISB][\dOIlSB]{2}\b\)?[ .-]{1,2}[\dOIlSB]{3}[ .-][\dOIlSB]{4}\b",
        "(9l8) 555-Ol38",
        "misread",
        score=0.7,
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
        r"(?i)\b(?:fax|facsimile)" + SEP + _PHONE_VALUE,
        "Fax: (555) 123-4568",
        "phone_label",
        labelled=True,
        score=0.95,
    ),
    Pattern(
        "extension",
        "phone",
        rf"(?i)\b(?:{_HANDSET})(?:{_SAID}|[ :#.]{{1,3}}#?)(\d{{3,6}}|\d-\d{{4}})\b",
        "pager 4471",
        "dialled",
        labelled=True,
        score=0.7,
    ),
    Pattern(
        "extension said",
        "phone",
        rf"(?i)\b(?:{_LINE}){_SAID}(\d{{4,6}}|\d-\d{{4}})\b",
        "her fax is now 4471",
        "dialled",
        score=0.7,
    ),
    Pattern(
        "extension inside",
        "phone",
        r"(?i)\b(?:desk|direct(?: line)?|inside line|dial|call(?:ed|back)?|cb|phone|ph|ext\.?|reach\w*)"
        r"(?:\s(?:at|on|number|no\.?|me|us|him|her|them|back)){0,3}[\s:#]{1,2}(\d-\d{4})\b",
        "desk 5-4471",
        "dialled",
        score=0.7,
    ),
    Pattern(
        "extension at",
        "phone",
        r"(?i)\b(?:paged?|bleep(?:ed)?|dial|call(?:ed)?|reach(?:ed|able)?|text)(?:\s[\w.'-]{1,14}){0,4}?\s"
        r"(?:at|on)\s(?:x|ext\.?\s?|#)?(\d{4,5})\b",
        "page me at 4471",
        "dialled_at",
        score=0.7,
    ),
    Pattern(
        "extension behind",
        "phone",
        r"(?i)(?:\d{3}[ .)-]{1,2}\d{4}|\d{3,4} \d{3} \d{3}|\d\d(?:[ .-]\d\d){3}|\d{7})[,;)]?\s{0,3}\(?"
        r"(?:ext\.?|extn\.?|extension|poste|durchwahl|anexo|ramal|interno)(?:\s(?:no\.?|numbers?|#))?[\s:.#]{0,3}"
        r"(\d{1,6})\b",
        "555-0142 (ext. 22",
        "dialled",
        labelled=True,
        score=0.8,
    ),
    Pattern(
        "number's end",
        "phone",
        r"(?i)\bend(?:ing|s) (?:in|with) #?([03-9]\d{3}|1[0-8]\d\d|2[1-9]\d\d)(?:[\s,;:)]|\.(?:\s|$)|$)",
        "the line ending in 0167",
        score=0.6,
    ),
    Pattern(
        "email shape",
        "email",
        r"[A-Za-z0-9._%+-][A-Za-z0-9._%+'-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,80}[A-Za-z0-9])?\.[A-Za-z]{2,24}\b",
        "jane.doe@example.org",
        score=0.98,
    ),
    Pattern(
        "email local",
        "email",
        r"(?i)\be-?mail" + LINK + r"([A-Z0-9._%+-]{1,64}@[A-Z0-9-]{1,64})\b",
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
        "email apart",
        "email",
        r"(?i)\b[A-Z0-9][A-Z0-9._%+-]{0,40}\s?@{1,2}\s?[A-Z0-9-]{2,40}(?:\s?\.\s?[A-Z0-9-]{2,40}){0,3}\s?\.\s?"
        r"(?:com|org|net|edu|gov|mil|int|info|biz|io|co|uk|us|ca|de|fr|eu|au|in|example|c0m|[0o]rg|n3t|[3e]du|g[0o]v)\b",
        "m.doe @ example . org",
        score=0.85,
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
            r"clinic|hospital|uk|ca|de|fr|au|us|eu|co|me|app|dev|ai|online|site|example|"
            r"nz|jp|kr|sg|za|br|mx|xyz)(?:/[^\s<>\"']{1,200})?\b"
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
)
