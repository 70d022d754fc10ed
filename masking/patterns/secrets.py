"""Keys, passwords, tokens, payment cards and biometric templates."""

from __future__ import annotations

from .pattern import LINK, SEP, Pattern

SECRETS: tuple[Pattern, ...] = (
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
        "entry code",
        "secret",
        r"(?i)\b(?:(?:(?:lock|key) ?box|key ?safe|gate|door|garage|alarm|building|entry|key ?pad|call ?box)"
        r"(?: (?:code|pin|combo|combination|number|no\.?|is|to|with|of)){0,3}|"
        r"code (?:to|for) (?:the |her |his |their )?"
        r"(?:(?:lock|key) ?box|gate|door|garage|building|alarm))(?: ?\(?(?:code|pin|no\.?))?[ :=#]{1,3}#?(\d{3,8})\b",
        "Code to lockbox 4471",
        labelled=True,
        score=0.8,
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
            + SEP
            + r"((?:\d[ -]?){2,18}\d)\b"
        ),
        "card number 4000 1234 5678",
        "card_label",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "biometric label",
        "biometric",
        (
            r"(?i)\b(?:finger ?print|retina(?:l)? ?scan|iris ?(?:scan|code)|voice ?print|"
            r"face ?(?:print|id|encoding|template)|palm ?print|biometric)[ _](?:template|id|hash|code|"
            r"data|identifier)?" + LINK + r"([A-Z0-9+/=_-]{6,512})"
        ),
        "fingerprint id: FP-99812-A",
        "has_digit",
        labelled=True,
        score=0.9,
    ),
)
