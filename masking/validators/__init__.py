"""Checks on a pattern's hit: each trims it, lowers its score, or drops it when it is plainly something else.

A labelled number is never dropped for failing a checksum. Input: the canonical text and the value's offsets; output:
new offsets and a factor for the score, or None.
"""

from __future__ import annotations

from .businesses import business, employer
from .calendar import (
    age_context,
    age_ordinal,
    age_said,
    date,
    date_numeric,
    date_range,
    date_slash,
    date_words,
    month_day,
    month_year,
)
from .codes import insurer_code, labelled_code, named_code, plate, unexplained
from .contact import bare_url, ipv4, ipv6, phone_label, phone_length, phone_national, public_url, spelled_email
from .forms import credential_more, given_only, heading, initials, kin, kin_last, nickname, suffixed, typist
from .months import date_spoken, holiday, month_alone
from .numbers import (
    card,
    card_label,
    code_number,
    coded,
    dea,
    has_digit,
    iban,
    long_number,
    luhn,
    misread,
    mixed_hex,
    nhs,
    ssn_apart,
    vin,
)
from .organisations import organisation, organisation_led, organisation_loose
from .people import last_first, likely_person, name_credential, name_line, name_words
from .places import address_line, authority, facility, known_town, place, place_line, saint, town_code, unit, veterans
from .secrets import entropy, password, secret_like
from .signatures import initials_alone, initials_pair, initials_small, login_signing, newborn
from .single_names import (
    login,
    lower_name,
    name_alone,
    name_aware,
    name_doing,
    name_scribe,
    role_name,
)
from .streets import address_tail, street, street_foreign
from .trimmed import Check, Trimmed, alone, whole_number
from .whereabouts import (
    employer_small,
    house_by_place,
    house_by_verb,
    house_line,
    numbered_body,
    road_number,
    street_alone,
    town_by_place,
)

__all__ = ["CHECKS", "Check", "Trimmed", "address_line", "name_line", "place_line", "public_url"]

CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        alone,
        whole_number,
        has_digit,
        coded,
        labelled_code,
        named_code,
        insurer_code,
        plate,
        unexplained,
        initials_pair,
        initials_alone,
        initials_small,
        login_signing,
        newborn,
        phone_national,
        ssn_apart,
        phone_length,
        phone_label,
        ipv4,
        ipv6,
        public_url,
        bare_url,
        spelled_email,
        iban,
        vin,
        dea,
        nhs,
        luhn,
        card,
        card_label,
        misread,
        mixed_hex,
        unit,
        code_number,
        long_number,
        date,
        date_numeric,
        date_words,
        date_spoken,
        month_alone,
        holiday,
        date_slash,
        month_day,
        age_context,
        age_ordinal,
        age_said,
        month_year,
        date_range,
        street,
        address_tail,
        street_foreign,
        place,
        place_line,
        saint,
        town_code,
        veterans,
        address_line,
        likely_person,
        lower_name,
        name_alone,
        name_aware,
        facility,
        secret_like,
        password,
        entropy,
        name_words,
        name_credential,
        name_line,
        last_first,
        role_name,
        name_doing,
        known_town,
        authority,
        employer,
        business,
        name_scribe,
        login,
        credential_more,
        given_only,
        heading,
        initials,
        kin,
        kin_last,
        nickname,
        suffixed,
        typist,
        employer_small,
        house_by_place,
        house_by_verb,
        house_line,
        numbered_body,
        organisation,
        organisation_led,
        organisation_loose,
        road_number,
        street_alone,
        town_by_place,
    )
}
