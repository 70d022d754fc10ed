"""Branches of chains of shops and pharmacies: a brand that identifies nobody, until its number or its road is named."""

from __future__ import annotations

from .pattern import Pattern

_CHAINS = (
    r"CVS|Walgreens?|Rite[ -]Aid|Duane Reade|Publix|Kroger'?s?|Safeway|Albertsons?|Walmart|Wal-Mart|Costco|Sam'?s Club|"
    r"H-?E-?B|Meijer|Hy-Vee|Wegmans|ShopRite|Stop ?(?:&|and) ?Shop|Harris Teeter|Fred Meyer|Winn-Dixie|Food Lion|"
    r"Giant Eagle|Ralphs|Vons|Jewel-Osco|Hannaford|Price Chopper|Bartell|Osco|Longs Drugs?|Brookshire'?s|Schnucks|"
    r"King Soopers|Piggly Wiggly|Wawa|Sheetz|Dollar General|Family Dollar|MinuteClinic|Superdrug|LloydsPharmacy|"
    r"Shoppers(?: Drug Mart)?|Rexall|London Drugs|Chemist Warehouse|Priceline|Aldi|Lidl|Tesco|Asda|"
    r"Sainsbury'?s|Morrisons"
)
_KIND = r"(?: (?i:pharmacy|drugs?|drugstore|market|supercenter|store|clinic))?"
_ROAD = r"(?:[A-Z][\w'-]{1,20}|\d{1,3}(?i:st|nd|rd|th))"
_WAY = (
    r"(?:(?: [A-Z][\w'.]{1,15}){0,2} "
    r"(?i:st|street|ave?|avenue|rd|road|blvd|boulevard|dr|drive|hwy|pkwy|ln|lane|way|rt|route)\b\.?)"
)

CHAINS: tuple[Pattern, ...] = (
    Pattern(
        "branch of a chain",
        "address",
        rf"\b((?:{_CHAINS}){_KIND},? ?(?:#|[Nn]o\. ?|(?i:store) ?#?) ?\d{{2,5}})\b",
        "sent to Walgreens #2291",
        score=0.85,
    ),
    Pattern(
        "chain on a road",
        "address",
        rf"\b((?:{_CHAINS}){_KIND} (?:on|at|off|@) (?:the )?{_ROAD}(?:{_WAY}| ?(?:and|&|/) ?{_ROAD}{_WAY}?)?)",
        "picks up at CVS on Foster",
        "chain_on_road",
        score=0.75,
    ),
)
