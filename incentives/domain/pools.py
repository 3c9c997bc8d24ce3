from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import City, User
from incentives.domain import money
from incentives.models import Pool, Programme


@transaction.atomic
def set_pool(
    *,
    city: City,
    code: str,
    year: int,
    title: str,
    limit: Decimal,
    programmes: Iterable[Programme],
    basis: str,
    actor: User,
) -> Pool:
    """Set a city's yearly limit (yuan) over several programmes, or over all when none is named.

    Awards already approved in that year count. Refused when they exceed the limit, or when the
    programmes of a pool that exists are to change: its figures would lose their meaning.
    """
    money.lock_pools(city_code=city.code)
    wanted = {programme.pk for programme in programmes}
    pool = Pool.objects.filter(city=city, code=code, year=year).first()
    if pool and wanted != set(pool.programmes.values_list("pk", flat=True)):
        raise Refused({"programmes": _("A pool keeps its programmes; set up another pool.")})
    pool = pool or Pool(city=city, code=code, year=year)
    pool.title, pool.limit, pool.basis, pool.set_by = title, limit, basis, actor
    pool.full_clean()
    pool.save()
    pool.programmes.set(wanted)
    money.sync_pool(pool_id=pool.pk)
    record(
        kind="pool.set",
        subject=pool.key,
        actor=actor,
        city=city,
        reason=basis,
        data={"limit": str(limit), "programmes": sorted(wanted)},
    )
    return pool
