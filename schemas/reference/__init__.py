"""Reference data: regions, occupations, the tariff, the calendar, and how people's numbers are written.

Pure look-ups in data that ships with the package; no clock, no network, no setting.
"""
