"""Blind signatures, sealed ballots, codes and receipts: cryptography and nothing else.

Bytes in, bytes out. No room in here knows a database, a request, a setting or a clock.
"""
