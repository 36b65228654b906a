"""Packages to ethics boards and regulators, and their answers.

Governing text: ICH E6(R3) 1 and 3.8 (ethics committee, submission to it and to the regulator). Which
bodies, clocks, quorums and forms hold in a country is data of the jurisdiction pack, never code here.

A body that keeps its own system of record is mirrored: what stands here then says so, and no act here
pretends to decide there. A board without a system screens, meets, votes and writes its minutes here.
"""
