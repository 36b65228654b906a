"""Readers and writers of the formats in which trial registers hand out their records.

Every reader ends in one `TrialRecord`; `sources.read_paths` finds the reader for whatever file it
is given. Nothing here knows Django, a clock or a database, and nothing is ever unpacked to disk.
"""
