"""avroad: Avro contracts in git, everything else on Apache Kafka follows from them.

Import from the packages below this one (`avroad.project`, `avroad.codec`, `avroad.errors`, ...); the root itself
stays empty so that importing one part never loads another.
"""

from __future__ import annotations

__all__: list[str] = []
