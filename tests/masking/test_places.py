"""Postal addresses of many countries, crossings, and where the name of a place begins and ends."""

from __future__ import annotations

import pytest

import masking
from masking.validators.place_edges import with_number, without_beside

KEY = b"a key for tests, thirty-two bytes"
RULES = masking.Masker(masking.ALL, KEY, ner="none")


def places(text: str) -> list[str]:
    """What fixed detectors alone mask as places."""
    found = RULES.mask_text(text).findings
    return [text[slice(*map(int, one.where.split(":")))] for one in found if one.kind == "address"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Lives at 9 Rothie Brae, Auchnagatt AB41 8TX with her son.", "9 Rothie Brae, Auchnagatt AB41 8TX"),
        ("to Flat 3, 27 Rothmere Gardens, Dunfermline KY12 7QW.", "Flat 3, 27 Rothmere Gardens, Dunfermline KY12 7QW"),
        ("9 Rothie Brae\nAuchnagatt\nAB41 8TX\n", "9 Rothie Brae\nAuchnagatt\nAB41 8TX"),
        ("sent to Heron Cottage, Kirk Wynd, Auchterarder PH3 1QQ", "Heron Cottage, Kirk Wynd, Auchterarder PH3 1QQ"),
        ("31 GLENVIEW TERRACE, STRABANE BT82 8DP", "31 GLENVIEW TERRACE, STRABANE BT82 8DP"),
        ("12 Sraid na Mara, Ballinrobe, Co. Mayo F31 X2K5", "12 Sraid na Mara, Ballinrobe, Co. Mayo F31 X2K5"),
        ("at 1187 Kettle Creek Rd, Port Stanley, ON N5L 1A1", "1187 Kettle Creek Rd, Port Stanley, ON N5L 1A1"),
        ("at 7/22 Wattlebird St, Toowoomba QLD 4350", "7/22 Wattlebird St, Toowoomba QLD 4350"),
        ("to 14 Kowhai Street, Whangarei 0110", "14 Kowhai Street, Whangarei 0110"),
        (
            "Flat 4B, Lotus Apartments, Andheri West, Mumbai - 400053",
            "Flat 4B, Lotus Apartments, Andheri West, Mumbai - 400053",
        ),
        ("Door No. 4/112, Mettu Street, Thanjavur 613001", "Door No. 4/112, Mettu Street, Thanjavur 613001"),
        ("lives Lindenallee 14, 04109 Leipzig, with wife", "Lindenallee 14, 04109 Leipzig"),
        ("wohnt Hauptstrasse 9, 8001 Zurich", "Hauptstrasse 9, 8001 Zurich"),
        ("chez 12 bis rue des Tilleuls, 69003 Lyon", "12 bis rue des Tilleuls, 69003 Lyon"),
        ("bytem Vinohradska 1511/230, 130 00 Praha 3", "Vinohradska 1511/230, 130 00 Praha 3"),
        ("adres: ul. Dluga 5/7, 00-950 Warszawa", "ul. Dluga 5/7, 00-950 Warszawa"),
        ("at Keizersgracht 12, 1015 CS Amsterdam", "Keizersgracht 12, 1015 CS Amsterdam"),
        ("en C/ Olivo 5, 28013 Madrid", "C/ Olivo 5, 28013 Madrid"),
        ("Calle 45 # 12-30, Bogota", "Calle 45 # 12-30, Bogota"),
        ("Mannerheimintie 5 A 12, 00100 Helsinki", "Mannerheimintie 5 A 12, 00100 Helsinki"),
        ("P.O. Box 4412, Nairobi 00200", "P.O. Box 4412, Nairobi 00200"),
        ("Rural Route 3, Site 4, Comp 12, Vernon BC V1T 6L6", "Rural Route 3, Site 4, Comp 12, Vernon BC V1T 6L6"),
        ("moved to Auchnagatt AB41 8TX", "Auchnagatt AB41 8TX"),
    ],
)
def test_a_postal_address_is_one_run_whatever_its_country(text: str, address: str) -> None:
    assert address in places(text)


@pytest.mark.parametrize(
    "text",
    [
        "TPN 3-in-1 via PICC. Start D 100 g, AA 70",
        "2 L via NC. Sats 98",
        "Gleason 7, 12345 cells counted. Insulin 10, 5000 IU Heparin",
        "Levothyroxine 50, 1000 Units Vitamin D",
        "4 Puffs Albuterol, then 2000 Units Heparin",
        "Platelets 12, 50000 Units transfused",
        "ECG sinus 61, PR 188. CT requested",
        "WBC 12.4. HR 88. Ct abdomen pending",
        "02 03:14 via MyCareLink Batt 2.98",
        "report sent via Zoom 3 times, 14 via NG tube 20 mL/hr",
        "Phase 3, 2022 Trial; PPD 2, 4000 Calories",
        "Heparin ACT 2500, WA 2000 kcal, SA 4000 mL",
    ],
)
def test_doses_and_counts_are_no_addresses(text: str) -> None:
    assert places(text) == []


def test_an_address_abroad_is_one_sentence() -> None:
    assert places("Lyrica 75 Daily. Lies Flat 126 of 130") == ["Flat 126"]
    assert places("at 3482 Harbor Vista Flat 126 now") == ["3482 Harbor Vista Flat 126"]


@pytest.mark.parametrize(
    ("text", "crossing"),
    [
        ("crash at Kedzie and Ninth this morning", "Kedzie and Ninth"),
        ("struck at 5th & Main by a cyclist", "5th & Main"),
        ("found down near Kedzie & Lindell", "Kedzie & Lindell"),
        ("Scene: Broadway & 7th", "Broadway & 7th"),
        ("fell at Yesler and 3rd Ave, carried in", "Yesler and 3rd Ave"),
        ("near 5th and main when he fell", "5th and main"),
        ("shot behind 9th & Vine around 2am", "9th & Vine"),
        ("by which he means Lindell and Ninth, but", "Lindell and Ninth"),
        ("corner 8th/Main", "8th/Main"),
    ],
)
def test_two_roads_that_cross_are_one_place(text: str, crossing: str) -> None:
    assert places(text) == [crossing]


@pytest.mark.parametrize(
    "text",
    [
        "fractures at 5th and 6th ribs, tender over 2nd and 3rd metatarsals",
        "pain at 4th and fifth digits, between 3rd and 4th interspace",
        "from Monday and Tuesday, to 3rd and 4th floors, at 1st and 2nd visits",
        "First and Second stage of labor; at First and Last visits",
        "at rest and with exertion, at Baseline and Discharge, off Coumadin and Aspirin",
        "using Main and Second language, told Priya and Ninth grader, versus Placebo and Fourth arm",
        "off 4th and then stopped, at 3rd and maximum dose, near Hallux & 2nd toe",
    ],
)
def test_what_is_counted_does_not_cross(text: str) -> None:
    assert places(text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("picks up scripts at Weller's Pharmacy on Main", "Weller's Pharmacy on Main"),
        ("seen at Quillayute Urgent Care on 5th.", "Quillayute Urgent Care on 5th"),
        ("from Thistledown Apothecary on Front St, closed", "Thistledown Apothecary on Front St"),
        ("sent from Marchetti Children's for care", "Marchetti Children's"),
        ("seen at Alder Center for Autism today", "Alder Center for Autism"),
        ("from mother teresa memorial, then home", "mother teresa memorial"),
        ("sent from amala children's after a stroke", "amala children's"),
        ("worships at Bethel A.M.E. Zion", "Bethel A.M.E. Zion"),
        ("sings at Greater Tabor A.M.E. on Sundays", "Greater Tabor A.M.E."),
        ("cleared by Wickford Occupational for work", "Wickford Occupational"),
        ("rehab at Quillayute Care Center SNF", "Quillayute Care Center SNF"),
        ("wants the Cedars", "the Cedars"),
        ("He asks to go back to The Maples at Kerr Lake.", "The Maples at Kerr Lake"),
        ("she lives at the Wickford Epilepsy House", "the Wickford Epilepsy House"),
        ("resides sagebrush manor. tired", "sagebrush manor"),
        ("teaches at PS 118, retired", "PS 118"),
        ("lives at Hollis's Landing, unit two", "Hollis's Landing"),
        ("at the Kettler Institute for Transfusion.", "Kettler Institute for Transfusion"),
        ("the Wickford Center for Rare Disease today", "Wickford Center for Rare Disease"),
        ("TXP TO CALVARY GENERAL, BED 2", "CALVARY GENERAL"),
        ("tarnbrook children's hospital, edgerow", "tarnbrook children's hospital"),
        ("a surgeon in port halvard, seen once", "port halvard"),
        ('oriented to self, "st. agatha\'s", thinks', "st. agatha's"),
        ("flew in from O'Fallon today", "O'Fallon"),
    ],
)
def test_a_house_is_masked_with_its_road_its_kind_and_its_article(text: str, place: str) -> None:
    assert places(text) == [place]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("seen at Quillayute Urgent Care on Friday", "Quillayute Urgent Care"),
        ("seen at Quillayute Urgent Care on Lasix", "Quillayute Urgent Care"),
        ("seen at the Quillayute Urgent Care", "Quillayute Urgent Care"),
        ("in the Wickford office today", "Wickford"),
    ],
)
def test_what_only_stands_beside_a_house_stays(text: str, place: str) -> None:
    assert places(text) == [place]


@pytest.mark.parametrize(
    "text",
    [
        "the hospital called; the clinic is closed; the women's shelter is full",
        "the Nurses are aware, the Lungs are clear, the Results are back",
        "SENDING: BINDER OFF\nSENDING: LABS ONLY",
        "attended a memorial last week; children's Tylenol 5 mL; women's health visit",
        "Occupational Therapy consulted. Occupational history: none.",
        "on PS 10 and PEEP 5; SNF placement pending, ALF options given, PHF positive",
        "resides at home, stays in bed, attends a day program, lives in a house",
        "drinks Folgers coffee",
        "Spinal Tap was traumatic, Bloody Tap, pleural tap; REFER TO INTERNAL GENERAL",
        "access in port site, from lake water, st. elevation's course, Heart Institute for Research",
        "SEGMENTAL LESION IN 2, ONE CELLULAR CRESCENT.",
    ],
)
def test_kinds_of_houses_and_orders_stay(text: str) -> None:
    assert places(text) == []


@pytest.mark.parametrize(
    "text", ["went for the Quaker Oats and tripped", "loves Tillamook cheese", "port tip at the cavoatrial junction"]
)
def test_what_one_eats_and_a_part_of_the_body_are_no_places(text: str) -> None:
    assert masking.Masker(masking.ALL, KEY).mask_text(text).value == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("in Natchitoches around the fair", "in [ADDRESS] around the fair"),
        ("was in Pocatello weekends", "was in [ADDRESS] weekends"),
        ("wants the Cedars", "wants [ADDRESS]"),
        ("he walked from the Salvation Army on Front St, cold", "he walked from [ADDRESS], cold"),
        ("up from the Kroll's Drug on 5th, cold", "up from the [ADDRESS], cold"),
    ],
)
def test_the_prose_engine_s_places_end_where_they_do(text: str, left: str) -> None:
    assert masking.Masker(masking.ALL, KEY).mask_text(text).value == left


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Hobart around May", 0, 6),
        ("Pocatello weekends", 0, 9),
        ("Mercy Hospital on Oxygen", 0, 14),
        ("Mercy Hospital on Foster", 0, 24),
    ],
)
def test_a_place_ends_before_what_no_place_is_called_by(text: str, start: int, end: int) -> None:
    assert without_beside(text, start, len(text)) == end


@pytest.mark.parametrize(
    ("text", "place", "start"),
    [
        ("Dear Sir\n3 Inchaffray Wynd, Crieff", "Inchaffray Wynd, Crieff", 9),
        ("Dear Sir\n3 Inchaffray", "Inchaffray", 11),
        ("on day 3 Inchaffray Wynd, Crieff", "Inchaffray Wynd, Crieff", 9),
    ],
)
def test_a_number_leads_a_road_and_its_town_on_their_own_line(text: str, place: str, start: int) -> None:
    at = text.index(place)
    assert with_number(text, at, at + len(place)) == start
