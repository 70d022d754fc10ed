"""Clinical notes that nobody wrote about nobody: a seeded generator of labelled text to train the prose model on.

    for note in notes(seed=20, count=3): note.text, note.spans     # spans are (start, end, kind)

What is labelled follows 45 CFR 164.514(b)(2)(i): names of patients, relatives, clinicians and employers; geography
below the state, and the named houses that stand for it (hospitals, clinics, schools); dates with more than a year; all
ages (the decoder keeps those over 89); phone and record numbers. States, countries, nationalities, insurers, brands,
departments, weekdays, times of day, years and eponyms are not.
"""

from .notes import Note, notes

__all__ = ["Note", "notes"]
