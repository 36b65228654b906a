"""What a country asks of a trial, as versioned data: authorities, boards, clocks, routes, checklists.

Governing text: whatever law each item names as its source; nothing of any country is in code.
"""
