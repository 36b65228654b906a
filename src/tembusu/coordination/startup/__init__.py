"""Each study-site's path from selected to first participant, and whose side its clock ran on.

Governing text: ICH E6(R3) 2 and 3 (investigator and sponsor responsibilities before a site opens).
"""
