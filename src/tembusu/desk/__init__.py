"""Each person's worklist over all rooms: what waits on me, and on whom I wait.

Rooms offer their part through ``core.worklist``; the desk owns people's preferences and last visits.
"""
