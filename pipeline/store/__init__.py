"""A home directory: what was received, what was read from it, and what counts.

Here: paths of a home (``home``), bytes and receipts (``receipts``), typed rows by year (``ingest``) and which part of
which submission counts (``ledger``). Bytes are kept for ever and receipts only grow; everything else is derived and can
be made again.
"""
