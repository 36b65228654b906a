"""Time as trials count it: calendars, working days, clocks that stop, and how long things take.

Pure: plain values in, plain values out; no Django, no database, no clock of its own.
"""
