"""The evaluation of the trial: no-show rates, intervals, tests, power. Arrays in, frozen figures out; no database.

Needs the extra `evaluation` (numpy, scipy, statsmodels). Decision 36 says what is estimated and how.
"""
