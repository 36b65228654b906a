"""Packages to ethics boards and regulators, and their answers.

Governing text: ICH E6(R3) 1 and 3.8 (ethics committee, submission); the jurisdiction pack for the rest.
"""
