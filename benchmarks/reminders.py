"""Measures goal P7: planning, rendering and sealing the reminders of 100,000 appointments.

`python -m benchmarks.reminders`. What is measured, and how, stands in `reminder_planning.py`.
"""

import argparse
import json


def main() -> None:
    from benchmarks import reminder_planning as planning  # noqa: PLC0415  # each process that plans reads this file first

    parser = argparse.ArgumentParser(prog="python -m benchmarks.reminders", description=planning.__doc__)
    parser.add_argument("--appointments", type=int, default=planning.APPOINTMENTS)
    parser.add_argument("--json", action="store_true", help="print JSON for a machine")
    asked = parser.parse_args()
    found = planning.measure_both(appointments=asked.appointments)
    if asked.json:
        print(json.dumps([one.told() for one in found], indent=2))
    else:
        planning.tell(found)


if __name__ == "__main__":
    main()
