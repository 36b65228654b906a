"""What every write in the house leaves behind, and what long work runs on.

Row history by PostgreSQL triggers, named audit events, state tables, the outbox, jobs, stored
files, notifications and the vault for personal data. Governing text: ICH E6(R3) 4.2 (audit trail).
"""
