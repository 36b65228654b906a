"""Backups: the database and the stored files in one verified file, and back again.

The file is a tar with, in this order, ``tembusu-backup`` (the mark and version of the format),
``database.dump`` (pg_dump's own format, compressed), ``files/…`` (each stored file under its
SHA-256) and ``manifest.json`` (rows in each table and SHA-256 of every member before it). The
manifest is last, so a file that was cut short has none. The field keys are not in it: whoever has
both can read everything, so they are kept apart.
"""
