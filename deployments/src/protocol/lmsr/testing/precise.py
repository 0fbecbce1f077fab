# Writes precise.json: values of e^x and ln x by another program's arithmetic, Python's decimal.
# python3 precise.py > precise.json
import json
from decimal import Decimal, getcontext

getcontext().prec = 140
DIGITS = 90


def text(value):
    return f"{value:.{DIGITS}f}"


exponents = ["0", "1", "-1", "0.5", "1e-18", "-1e-30", "39.999999999999999999", "-39.25", "0.6931471805599453094"]
exponents += [str(Decimal(7 * k) / 13 * (-1) ** k) for k in range(1, 40, 3)]
arguments = ["1", "2", "0.5", "3.3e-17", "1.000000000000000001", "12345678901234567890.123", "0.99999999999999999999"]
arguments += [str((Decimal(k) / 3).exp()) for k in range(-60, 61, 11)]
print(
    json.dumps(
        {
            "exp": [[x, text(Decimal(x).exp())] for x in exponents],
            "ln": [[x, text(Decimal(x).ln())] for x in arguments],
        },
        indent=1,
    )
)
