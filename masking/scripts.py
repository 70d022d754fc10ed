"""Names in other scripts and dates of East Asia, by the titles, honorifics and labels that stand beside them.

The prose model reads English: of a name in its midst it sees the shape. In text that is all of another script what
says "name" is a title before it or an honorific after it, so those are looked for. What has neither is not found.
"""
# ruff: noqa: E501, RUF001 - the titles are what they are, each alternative in one line

from __future__ import annotations

import re

from .findings import Span

_HAN = r"[\u3400-\u9fff\u3005\u30a0-\u30ff\u30fb]"
_GAP = r"[\s:\uff1a\u3000]{0,3}"
_CYRILLIC = r"[А-ЯЁІЇЄҐ][а-яёіїєґ'-]{1,20}(?:\s[А-ЯЁІЇЄҐ](?:[а-яёіїєґ'-]{1,20}|\.(?:\s?[А-ЯЁ]\.)?)){0,2}"
_ARABIC = r"[\u0621-\u064a]{2,15}(?:\s(?:بن|ابن|بنت|آل)?\s?[\u0621-\u064a]{2,15}){0,2}"
_HEBREW = r"[\u05d0-\u05ea'\"]{2,15}(?:\s[\u05d0-\u05ea'\"]{2,15}){0,2}"
_DEVANAGARI = r"[\u0900-\u0963]{2,20}(?:\s[\u0900-\u0963]{2,20}){0,2}"
_HANGUL = r"[\uac00-\ud7a3]{2,5}"
_THAI = r"[\u0e01-\u0e4c]{2,20}(?:\s[\u0e01-\u0e4c]{2,25})?"
_GREEK = r"[Α-ΩΆΈΉΊΌΎΏ][α-ωάέήίόύώϊϋ]{1,20}(?:\s[Α-ΩΆΈΉΊΌΎΏ][α-ωάέήίόύώϊϋ]{1,20}){0,2}"
_NAMES = (
    re.compile(rf"(?:患者(?:氏名|姓名)?|姓名|氏名|名前|病人|家属|联系人|医师|医生|主治医){_GAP}({_HAN}{{2,6}}?)(?=[\s、，,。．;；()（）:：]|さん|様|殿|氏|$)"),
    re.compile(rf"({_HAN}{{2,6}}){_GAP}(?:さん|様|殿|先生|女士|先生|小姐|医师|医生|君|ちゃん)"),
    re.compile(rf"(?i:пациент(?:ка|у|ом|а)?|больной|больная|г-н|г-жа|гражданин|гражданка|доктор|врач|д-р|фио|имя|фамилия)[\s:.]{{1,3}}({_CYRILLIC})"),
    re.compile(rf"(?:المريضة|المريض|السيدة|السيد|الدكتورة|الدكتور|الطبيب|الاسم|اسم المريض|د\.)[\s:]{{1,3}}({_ARABIC})"),
    re.compile(rf"(?:המטופלת|המטופל|החולה|מר|גברת|גב'|ד\"ר|שם)[\s:]{{1,3}}({_HEBREW})"),
    re.compile(rf"(?:श्री|श्रीमती|डॉ\.?|डॉक्टर|रोगी|मरीज|नाम)[\s:]{{1,3}}({_DEVANAGARI})"),
    re.compile(rf"(?:환자(?:명)?|성명|이름|보호자){_GAP}({_HANGUL})"),
    re.compile(rf"({_HANGUL}){_GAP}(?:씨|님|선생님|의사|간호사)"),
    re.compile(rf"(?:ผู้ป่วย|ชื่อ|นาย|นาง|นางสาว|แพทย์|นพ\.|พญ\.)[\s:]{{0,3}}({_THAI})"),
    re.compile(rf"(?:ασθενής|ασθενούς|κ\.|κα\.?|κος|γιατρός|δρ\.?|όνομα|επώνυμο|ονοματεπώνυμο)[\s:]{{1,3}}({_GREEK})", re.IGNORECASE),
)  # fmt: skip
_FIGURE = r"[\d\u3007\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u5143\u5eff\u5345]"
_DATE = re.compile(
    rf"(?:(?:明治|大正|昭和|平成|令和|民國|民国)?\s?{_FIGURE}{{1,4}}\s?[年년]\s?)?{_FIGURE}{{1,3}}\s?[月월]\s?{_FIGURE}{{1,3}}\s?[日號号일]"
    rf"|(?:明治|大正|昭和|平成|令和|民國|民国)?\s?{_FIGURE}{{1,4}}\s?[年년]\s?{_FIGURE}{{1,3}}\s?[月월]"
)
_BRAILLE = re.compile(r"[\u2801-\u28ff]{2,}(?:[ \u2800][\u2801-\u28ff]+)*")  # cells; one alone is a progress mark
_PARTICLES = frozenset("يعاني تعاني الذي التي في من على مع عن إلى كان كانت".split())  # noqa: SIM905 - read as text


def names(text: str) -> list[Span]:
    """The names of `text` that a title or an honorific of their own script gives away, and braille, which is not read."""
    found = [Span(*match.span(), "photo", "unreadable data", 0.9) for match in _BRAILLE.finditer(text)]
    for pattern in _NAMES:
        for match in pattern.finditer(text):
            start, end = match.span(1)
            words = match[1].split(" ")
            while len(words) > 1 and words[-1] in _PARTICLES:
                end -= len(words.pop()) + 1
            found.append(Span(start, end, "name", "title in its script", 0.75))
    return found


def dates(text: str) -> list[Span]:
    """The days and months that are written with the signs for year, month and day, in figures of any script."""
    return [Span(*match.span(), "date", "date in its script", 0.9) for match in _DATE.finditer(text)]
