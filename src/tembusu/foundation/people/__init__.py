"""Who everybody is: organisations, persons, and the roles that decide what each may see and do.

Nothing is allowed unless a role, held on a scope, grants it (ADR 0007). Governing texts: ICH E6(R3)
3.10 and 4.3 (access to trial records follows responsibility), NIST SP 800-63B (sign-in).
"""
