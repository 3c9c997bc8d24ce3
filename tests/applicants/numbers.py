from itertools import count

from stdnum.cn import ric

_serial = count(1)


def valid_identity() -> str:
    body = f"37020219900101{next(_serial):03d}"
    return body + ric.calc_check_digit(body + "0")
