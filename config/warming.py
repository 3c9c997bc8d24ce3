"""What a new process does ahead, so that its first reader does not wait."""

import gc
import logging

from django.db import DatabaseError, connections

from incentives.domain.listing import listed
from incentives.domain.programmes import warm

logger = logging.getLogger(__name__)


def warm_up() -> None:
    """Parse the rules of all listed programmes; a database that is away is told and no obstacle."""
    try:
        warm(listed().defer("definition"))
    except DatabaseError as error:
        logger.warning("rules_not_warmed", extra={"error": str(error)})
    finally:
        connections.close_all()


def keep() -> None:
    """What is there by now stays: no later collection of rubbish looks through it again."""
    gc.collect()
    gc.freeze()
