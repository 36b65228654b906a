"""How often the calls of the registry are taken."""

from tembusu.foundation.people.api import TokenThrottle

READS = TokenThrottle("300/m", "registry-read")
IMPORTS = TokenThrottle("20/m", "registry-import")
