"""The generated reference: what the code itself declares, written as pages.

``python -m tembusu.config.reference`` writes ``docs/reference`` anew, ``--check`` says what is
stale. Each page reads the one place where a thing is declared, so nothing here is typed a second
time.
"""
