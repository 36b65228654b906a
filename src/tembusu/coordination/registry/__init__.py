"""The register of studies: records come in from trial registries, are told apart, tied to
institutions, curated, versioned and found again.

Governing text: WHO Trial Registration Data Set 1.3.1 (24 items); ICMJE on prospective registration.
"""
